// The work of a program that uses the Claude Agent SDK: node sdk.mjs PEERS list [LIMIT] | messages ID
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [peers, job, argument] = process.argv.slice(2);
const sdk = await import(pathToFileURL(join(peers, 'node_modules/@anthropic-ai/claude-agent-sdk/sdk.mjs')).href);
const found =
  job === 'messages'
    ? await sdk.getSessionMessages(argument)
    : await sdk.listSessions(argument === undefined ? {} : { limit: Number(argument) });
if (found.length === 0) throw new Error('the SDK found nothing');
