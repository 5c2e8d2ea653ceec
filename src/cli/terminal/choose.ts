import type { Choice, Questions } from '../context.js';

/** Thrown when a question is cancelled (Esc, Ctrl-C). The run ends without a message, with exit code 130. */
export class QuestionCancelled extends Error {
  override readonly name = 'QuestionCancelled';
}

/** Returns the value chosen at the terminal. Throws `QuestionCancelled`. */
export async function choose<T extends object>(
  questions: Questions,
  question: string,
  choices: readonly Choice<T>[],
): Promise<T> {
  const chosen = await questions.choose(question, choices);
  if (chosen === null) throw new QuestionCancelled();
  return chosen;
}
