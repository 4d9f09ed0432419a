import { readFileSync } from 'node:fs'
import type { Words } from './doctor/finding.js'

/** Why the system does not read a file, by its error code, and what to do. */
const REASONS: Record<string, Words> = {
  ENOENT: {
    en: 'there is no such file: check the path, which is relative to the current folder',
    zh: '文件不存在，请检查路径（相对路径从当前目录算起）',
  },
  EISDIR: {
    en: 'it is a folder: name a file in it',
    zh: '这是一个目录，请指定其中的文件',
  },
  EACCES: {
    en: 'this user may not read it: change its permissions or its owner',
    zh: '当前用户没有读取权限，请修改文件的权限或所有者',
  },
}

/** Reads a file that an argument names; throws what `explain` makes of the reason if it cannot be read. */
export function readTextFile(file: string | 0, explain: (why: Words) => Error): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw explain(REASONS[code] ?? { en: `the system says ${code}`, zh: `系统错误码 ${code}` })
  }
}
