import { readFile } from 'node:fs/promises'
import { expect } from 'chai'

const ROOT = new URL('../../../', import.meta.url)

for (const path of ['SECURITY.md', 'docs/zh/security.md']) {
  it(`${path} names for each threat a test that is there`, async () => {
    const page = await readFile(new URL(path, ROOT), 'utf8')
    const rows = page.split('\n').filter((line) => /^\| (?!Threat|威胁|---)/.test(line))
    expect(rows).to.have.length.above(25)
    for (const row of rows) {
      const [, file = '', title = ''] = /\| `(test\/[\w/.-]+)`(?:: |：)(.+) \|$/.exec(row) ?? []
      expect(file, row).to.not.equal('')
      const source = await readFile(new URL(file, ROOT), 'utf8')
      const titles = [...source.matchAll(/(?:it|describe)\(\s*(['"`])(.*?)\1,/gs)]
      const found = titles.some(([, , text = '']) => text.includes(title))
      expect(found, `${file} has no test: ${title}`).to.equal(true)
    }
  })
}
