/** An option as the library calls it (`olderThan`), with a value where the text shows how to write one. */
export interface OptionTerm {
  option: string;
  value: string | null;
}

/** The name of an option in a message: a term, or a text that stays as it is. */
export type OptionLabel = OptionTerm | string;

/** A function of the library (`listTrash`) or a method of its sessions (`session.move`), as something to do. */
export interface CallTerm {
  call: string;
  args: readonly string[];
  options: Readonly<Record<string, string | true>>;
  /** Id of the session whose method is meant, if it is known. */
  session: string | null;
}

/** A message with terms that read differently in the library and on the command line. */
export type Phrase = string | readonly (string | OptionTerm | CallTerm)[];

/** Texts for the terms of a phrase. */
export interface Wording {
  option(term: OptionTerm): string;
  call(term: CallTerm): string;
}

/** The wording of the library: `olderThan`, `planPrune({ olderThan: '30d' })`. */
export const LIBRARY_WORDING: Wording = {
  option: ({ option: name, value }) => (value === null ? name : `${name}: '${value}'`),
  call: ({ call: name, args, options }) => {
    const members = Object.entries(options).map(([key, value]) => `${key}: ${value === true ? 'true' : `'${value}'`}`);
    const parts = [...args.map((arg) => `'${arg}'`), ...(members.length === 0 ? [] : [`{ ${members.join(', ')} }`])];
    return `${name}(${parts.join(', ')})`;
  },
};

/** Returns the term of an option. */
export function option(name: string, value: string | null = null): OptionTerm {
  return { option: name, value };
}

/** Returns the term of a call. */
export function call(
  name: string,
  args: readonly string[] = [],
  options: Readonly<Record<string, string | true>> = {},
): CallTerm {
  return { call: name, args, options, session: null };
}

/** Returns the term of a method of a session. */
export function sessionCall(name: string, session: string | null, args: readonly string[] = []): CallTerm {
  return { call: `session.${name}`, args, options: {}, session };
}

/** Returns the phrase of a template: `` phrase`${option('olderThan')} ${text}: not an age.` `` */
export function phrase(
  texts: TemplateStringsArray,
  ...values: readonly (Phrase | OptionTerm | CallTerm | number)[]
): Phrase {
  return texts.flatMap((text, at) => {
    const value = values[at];
    if (value === undefined) return [text];
    return [text, ...(typeof value === 'number' ? [String(value)] : isPhrase(value) ? partsOf(value) : [value])];
  });
}

/** Returns the text of a phrase. */
export function wordPhrase(text: Phrase, wording: Wording): string {
  if (typeof text === 'string') return text;
  return text
    .map((part) => (typeof part === 'string' ? part : 'option' in part ? wording.option(part) : wording.call(part)))
    .join('');
}

function isPhrase(value: Phrase | OptionTerm | CallTerm): value is Phrase {
  return typeof value === 'string' || Array.isArray(value);
}

function partsOf(text: Phrase): readonly (string | OptionTerm | CallTerm)[] {
  return typeof text === 'string' ? [text] : text;
}
