// Moves the piece of the puzzle with the slider. Positions are pixels of the picture, however wide it is shown.
const slider = document.getElementById('slider')
const picture = document.getElementById('picture')
const piece = document.getElementById('piece')

function show() {
  const scale = picture.clientWidth / picture.naturalWidth
  piece.style.width = `${piece.naturalWidth * scale}px`
  piece.style.left = `${slider.value * scale}px`
}

await Promise.all([picture.decode(), piece.decode()])
slider.max = picture.naturalWidth - piece.naturalWidth
slider.addEventListener('input', show)
addEventListener('resize', show)
show()
