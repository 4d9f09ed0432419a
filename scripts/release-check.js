// Runs before `npm publish`: fails if a field of package.json is a placeholder, or if the changelog
// lacks the version.
import { readFileSync } from 'node:fs'

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const { version, author, homepage, bugs, repository } = JSON.parse(read('package.json'))

const fields = {
  author,
  homepage,
  bugs: bugs?.url ?? bugs,
  repository: repository?.url ?? repository,
}
const problems = Object.entries(fields)
  .filter(([, value]) => typeof value !== 'string' || value === '' || /PLACEHOLDER/.test(value))
  .map(([name]) => `package.json: ${name} is a placeholder: set it to the public value`)
if (!read('CHANGELOG.md').includes(`## [${version}]`)) {
  problems.push(`CHANGELOG.md has no heading ## [${version}]`)
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
