/** What of a Chinese text is English: three words in a row are a sentence that nobody translated. */
export function englishIn(text: string): string | undefined {
  const commands = /npm install \S+|openssl rand -hex 32|auth: 'basic'/g
  return /[a-z]{2,} [a-z]+ [a-z]{2,}/i.exec(text.replace(commands, ''))?.[0]
}

/** What a page of the simulator shows to who reads it in Chinese. */
export function chineseOf(page: string): string {
  return page
    .replace(/<(style|script|head|pre)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<span lang="en">[^<]*(<(b|code)>[^<]*<\/\2>[^<]*)*<\/span>/g, ' ')
    .replace(/<option [^>]*data-zh="([^"]*)"[^>]*>[^<]*/g, ' $1 ')
    .replace(/<[^>]*>/g, '|')
}
