import type { HLJSApi, LanguageFn } from 'highlight.js';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import makefile from 'highlight.js/lib/languages/makefile';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const LANGUAGES: Readonly<Record<string, LanguageFn>> = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  makefile,
  php,
  python,
  ruby,
  rust,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};

/** Other names of languages after a code fence. */
const ALIASES: Readonly<Record<string, string>> = {
  'c++': 'cpp',
  cc: 'cpp',
  h: 'c',
  hpp: 'cpp',
  cs: 'csharp',
  'c#': 'csharp',
  cjs: 'javascript',
  mjs: 'javascript',
  js: 'javascript',
  jsx: 'javascript',
  jsonc: 'json',
  json5: 'json',
  jsonl: 'json',
  cts: 'typescript',
  mts: 'typescript',
  ts: 'typescript',
  tsx: 'typescript',
  console: 'bash',
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  docker: 'dockerfile',
  golang: 'go',
  htm: 'xml',
  html: 'xml',
  svg: 'xml',
  vue: 'xml',
  kt: 'kotlin',
  make: 'makefile',
  patch: 'diff',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  scss: 'css',
  toml: 'ini',
  yml: 'yaml',
};

/** Returns the name of a language that `highlighter` knows, registering it at its first use; null for any other. */
export function languageOf(word: string, highlighter: HLJSApi): string | null {
  const lower = (/^[^\s,{:]+/.exec(word)?.[0] ?? '').toLowerCase();
  const name = Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? lower) : lower;
  if (!Object.hasOwn(LANGUAGES, name)) return null;
  const language = LANGUAGES[name];
  if (language !== undefined && highlighter.getLanguage(name) === undefined)
    highlighter.registerLanguage(name, language);
  return name;
}
