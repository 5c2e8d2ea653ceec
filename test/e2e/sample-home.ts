import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../support/temporary.js';

/** A session to write; members left out get ordinary values. */
export interface Sample {
  id: string;
  prompt: string;
  at: string;
  cwd?: string;
  title?: string;
  branch?: string;
}

/** Makes an empty home folder and returns its real path. */
export function makeHome(): string {
  return temporaryFolder('home');
}

/** The project key of a working directory (docs/storage.md). */
function projectKey(cwd: string): string {
  return cwd.replaceAll(/[^A-Za-z0-9]/g, '-');
}

/** Writes sessions as Claude Code does into `<home>/.claude`, and returns that folder. */
export function writeSessions(home: string, samples: readonly Sample[]): string {
  const configDir = join(home, '.claude');
  for (const { id, prompt, at, cwd = '/home/me/app', title, branch = 'main' } of samples) {
    const common = {
      sessionId: id,
      cwd,
      version: '2.1.330',
      gitBranch: branch,
      entrypoint: 'cli',
      userType: 'external',
      isSidechain: false,
      timestamp: at,
    };
    const asked = {
      type: 'user',
      uuid: `${id.slice(0, 35)}1`,
      parentUuid: null,
      ...common,
      message: { role: 'user', content: prompt },
    };
    const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 };
    const answered = {
      type: 'assistant',
      uuid: `${id.slice(0, 35)}2`,
      parentUuid: asked.uuid,
      ...common,
      message: {
        id: `msg_${id}`,
        role: 'assistant',
        model: 'claude-opus-5-5',
        content: [{ type: 'text', text: 'Yes.' }],
        usage,
      },
    };
    const named = title === undefined ? [] : [{ type: 'custom-title', customTitle: title, sessionId: id }];
    const path = join(configDir, 'projects', projectKey(cwd), `${id}.jsonl`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, [asked, answered, ...named].map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    utimesSync(path, new Date(at), new Date(at));
  }
  return configDir;
}

/** `count` sessions, newest first, one minute apart. */
export function manySamples(count: number): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`,
    prompt: `Prompt ${i}: ${'words and '.repeat(15)}more`,
    at: new Date(Date.UTC(2026, 10, 20) - i * 60_000).toISOString(),
  }));
}
