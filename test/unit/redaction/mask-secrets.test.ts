import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findSecrets, maskSecrets, maskSecretsIn } from '../../../src/redaction/mask-secrets.js';

/** Put together here, so that the repository itself holds nothing that looks like a secret. */
const A = (count: number): string => 'aB3dE5gH7jK9mN1p'.repeat(10).slice(0, count);
const HEX = (count: number): string => '0123456789abcdef'.repeat(8).slice(0, count);

const SECRETS: readonly (readonly [kind: string, secret: string])[] = [
  ['Anthropic key', ['sk', 'ant', 'api03', A(40)].join('-')],
  ['OpenAI key', ['sk', 'proj', A(40)].join('-')],
  ['API key', `sk-${A(48)}`],
  ['AWS access key', `AKIA${'ABCDEFGH234567IJ'}`],
  ['GitHub token', `ghp_${A(36)}`],
  ['GitHub token', `github_pat_${A(60)}`],
  ['GitLab token', `glpat-${A(20)}`],
  ['Slack token', `xoxb-${HEX(12)}-${A(24)}`],
  ['Slack webhook', `https://hooks.slack.com/services/T${A(8)}/B${A(8)}/${A(24)}`],
  ['Stripe key', `sk_live_${A(24)}`],
  ['Google API key', `AIza${A(35)}`],
  ['Google OAuth secret', `GOCSPX-${A(28)}`],
  ['npm token', `npm_${A(36)}`],
  ['PyPI token', `pypi-${A(80)}`],
  ['Hugging Face token', `hf_${A(34)}`],
  ['SendGrid key', `SG.${A(22)}.${A(43)}`],
  ['Twilio key', `SK${HEX(32)}`],
  ['DigitalOcean token', `dop_v1_${HEX(64)}`],
  ['Databricks token', `dapi${HEX(32)}`],
  ['Vault token', `hvs.${A(24)}`],
  ['Telegram token', `123456789:AA${A(33)}`],
  ['JSON web token', `eyJ${A(20)}.eyJ${A(30)}.${A(40)}`],
];

describe('maskSecrets', () => {
  test.each(SECRETS)('masks %s by its form', (kind, secret) => {
    expect(maskSecrets(`before "${secret}" after ${secret}.`)).toBe(
      `before "[redacted: ${kind}]" after [redacted: ${kind}].`,
    );
  });

  test.each([
    [`Authorization: Bearer ${A(30)}`, 'Authorization: Bearer [redacted: authorization]'],
    ['postgres://ci:hunter2@db/app', 'postgres://ci:[redacted: password]@db/app'],
    [`AccountKey=${A(64)}==;`, 'AccountKey=[redacted: Azure key];'],
    [`export DB_PASSWORD=${A(20)}`, 'export DB_PASSWORD=[redacted: secret]'],
    [`{"client_secret": "${A(12)}"}`, '{"client_secret": "[redacted: secret]"}'],
    [`aws_secret_access_key = ${A(20)}/${A(19)}`, 'aws_secret_access_key = [redacted: secret]'],
  ])('masks the value alone in %s', (text, expected) => {
    expect(maskSecrets(text)).toBe(expected);
  });

  test.each(['\n', '\\n'])('masks a private key with %j as line end, whole or cut off', (end) => {
    const lines = ['-----BEGIN RSA PRIVATE KEY-----', A(64), A(64)].join(end);
    expect(maskSecrets(`x ${lines}${end}-----END RSA PRIVATE KEY----- y`)).toBe('x [redacted: private key] y');
    expect(maskSecrets(`x ${lines}`)).toBe('x [redacted: private key]');
  });

  test.each([
    'const token = process.env.GITHUB_TOKEN;',
    'max_tokens: 12345, tokenizer = AutoTokenizer.from_pretrained("x")',
    "text.includes('-----BEGIN PRIVATE KEY-----')",
    'see https://example.org:8080/a@b and git@github.com:a/b.git',
    'sha 0123456789abcdef0123456789abcdef01234567',
    'password: string; readonly secret: Secret;',
    'risk-based task-list skip-all',
  ])('leaves %s as it is', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  test('hides every secret wherever it is in a text, and changes nothing else', () => {
    const secret = fc.constantFrom(...SECRETS.map(([, text]) => text));
    const word = fc.stringMatching(/^[ a-z\n,()]{0,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, secret)), word, (parts, end) => {
        const masked = maskSecrets(parts.map(([before, text]) => `${before} ${text} `).join('') + end);
        for (const [, text] of parts) expect(masked).not.toContain(text);
        expect(masked.replace(/\[redacted: [^\]]*\]/g, '')).toBe(parts.map(([before]) => `${before}  `).join('') + end);
      }),
    );
  });

  test('finds ranges that are in order, within the text and apart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...SECRETS.map(([, text]) => text), '=', ':', '"'), fc.string())),
        (parts) => {
          const text = parts.join('');
          let last = 0;
          for (const { start, end } of findSecrets(text)) {
            expect(start).toBeGreaterThanOrEqual(last);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(text.length);
            last = end;
          }
        },
      ),
    );
  });

  test.each(['-----BEGIN PRIVATE KEY-----', 'password=', 'token: ', 'a.', '-', 'eyJ', 'http://a:', 'sk-', 'bearer '])(
    'takes a megabyte of %j in its stride',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expect(maskSecrets(text).length).toBeGreaterThan(0);
    },
  );
});

describe('maskSecretsIn', () => {
  test('masks strings at any depth, and members named like secrets', () => {
    expect(
      maskSecretsIn({ a: [{ command: `curl -H "x: ghp_${A(36)}"` }], password: 'hunter22', count: 3, note: null }),
    ).toEqual({
      a: [{ command: 'curl -H "x: [redacted: GitHub token]"' }],
      password: '[redacted: secret]',
      count: 3,
      note: null,
    });
  });
});
