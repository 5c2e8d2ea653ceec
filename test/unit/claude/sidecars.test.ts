import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TranscriptFile } from '../../../src/claude/model.js';
import { archivedState, isPinned, sidecarTitle } from '../../../src/claude/sidecars.js';
import { disk, id, onlySession } from './disk.js';

function withSidecar(name: string, text: string): TranscriptFile {
  return onlySession(disk({ [`projects/p/${id(1)}.jsonl`]: '', [`projects/p/${id(1)}/${name}`]: text }));
}
const titleFrom = (text: string): string | null => sidecarTitle(withSidecar('custom-title.json', text));
const archivedFrom = (text: string): unknown => archivedState(withSidecar('archived.json', text));

describe('sidecarTitle', () => {
  test('is the custom title without control characters, trimmed, at most 200 code points', () => {
    expect(titleFrom('{"customTitle":"Fix the journal"}')).toBe('Fix the journal');
    expect(titleFrom(JSON.stringify({ customTitle: ' a\n\tb\u001b[31mc\u0085 ' }))).toBe('a  b [31mc');
    expect(titleFrom(JSON.stringify({ customTitle: '😀'.repeat(300) }))).toBe('😀'.repeat(200));
  });

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{}',
    '{"customTitle":7}',
    '{"customTitle":" \\n"}',
    `{"x":"${'x'.repeat(5000)}","customTitle":"a"}`,
  ])('is null for %.40s', (text) => {
    expect(titleFrom(text)).toBeNull();
  });

  test('does not wait for a writer if the sidecar is a named pipe', () => {
    const file = withSidecar('custom-title.json', '');
    const path = join(file.path.slice(0, -'.jsonl'.length), 'custom-title.json');
    rmSync(path);
    expect(sidecarTitle(file)).toBeNull();
    execFileSync('mkfifo', [path]);
    expect(sidecarTitle(file)).toBeNull();
  });
});

describe('archivedState', () => {
  test('is the content of the sidecar', () => {
    const at = '2026-11-20T10:00:00.000Z';
    expect(archivedFrom(JSON.stringify({ archived: true, at, by: 'sdk' }))).toEqual({ archived: true, at });
    expect(archivedFrom(JSON.stringify({ archived: false, at }))).toEqual({ archived: false, at });
  });

  test.each([
    '',
    '{}',
    '{"archived":true}',
    '{"archived":"yes","at":"2026-11-20T10:00:00Z"}',
    '{"archived":true,"at":"soon"}',
  ])('is null for %s', (text) => {
    expect(archivedFrom(text)).toBeNull();
  });
});

test('a session with a pinned.json is pinned, whatever the file contains', () => {
  expect(isPinned(withSidecar('pinned.json', ''))).toBe(true);
  expect(isPinned(withSidecar('archived.json', ''))).toBe(false);
  expect(isPinned(onlySession(disk({ [`projects/p/${id(1)}.jsonl`]: '' })))).toBe(false);
});
