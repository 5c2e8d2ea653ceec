import { titleText } from '../transcript/messages/title-text.js';
import { fnv1a32 } from './format/hash.js';
import type { SessionFacts } from './facts.js';
import type { TitleSource } from './record.js';

/** Facts that a title is made of, unless it is only a prompt. */
type TitleFacts = Pick<SessionFacts, 'customTitle' | 'aiTitle' | 'summary'>;

/** Returns the given or generated title; null if only a prompt can stand for one. */
export function givenTitle({
  customTitle,
  aiTitle,
  summary,
}: TitleFacts): { title: string; titleSource: Exclude<TitleSource, 'prompt' | null> } | null {
  const custom = customTitleText(customTitle ?? '');
  if (custom !== '') return { title: custom, titleSource: 'custom' };
  const ai = titleText(aiTitle ?? '');
  if (ai !== '') return { title: ai, titleSource: 'ai' };
  const summed = titleText(summary ?? '');
  return summed === '' ? null : { title: summed, titleSource: 'summary' };
}

/** Returns a given title as it is shown: as `titleText`, but one that consists of elements only is kept. */
export function customTitleText(title: string): string {
  return titleText(title) || title.replace(/\s+/g, ' ').trim();
}

/** Returns a hash of a title that ignores case. */
export function titleHash(title: string): number {
  return fnv1a32(title.toLowerCase());
}
