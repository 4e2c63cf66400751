/** What a person should read once, until dismissed: the same thing only once, and no more than a screen can hold. */
import type { Problem } from '../contracts/problem.ts'

export type NoticeBoard = {
  all(): Problem[]
  raise(problem: Problem): void
  dismiss(index: number): void
}

const kept = 50

export function noticeBoard(options: { changed(): void; raised?(problem: Problem): void }): NoticeBoard {
  let notices: Problem[] = []
  return {
    all: () => notices,
    raise(problem) {
      const others = notices.filter(({ code, message }) => code !== problem.code || message !== problem.message)
      if (others.length === notices.length) options.raised?.(problem)
      notices = [...others, problem].slice(-kept)
      options.changed()
    },
    dismiss(index) {
      notices = notices.filter((_, at) => at !== index)
      options.changed()
    },
  }
}
