/** A kind of secret that is recognised by its form alone. */
export interface SecretShape {
  /** Name of the kind in masked texts. */
  kind: string;
  /** Every text with such a secret contains one of these; searching for them is much cheaper than the pattern. */
  hints: readonly string[];
  /** Matches the secret, with the global flag; if it has a group `secret`, only the group is the secret. */
  pattern: RegExp;
}

const SECRET_NAMES = 'password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?';
const SECRET_NAME = new RegExp(`(?:${SECRET_NAMES})$`, 'i');

function prefixed(kind: string, hints: readonly string[], form: string): SecretShape {
  return { kind, hints, pattern: new RegExp(`(?<![A-Za-z0-9])${form}(?![A-Za-z0-9])`, 'g') };
}

/**
 * Secrets whose form their issuers publish. Matching takes linear time: every repetition is bounded, or of characters
 * with which nothing after it can begin.
 */
export const SECRET_SHAPES: readonly SecretShape[] = [
  prefixed('Anthropic key', ['sk-ant-'], 'sk-ant-[A-Za-z0-9_-]{8,}'),
  prefixed('OpenAI key', ['sk-proj-', 'sk-svcacct-', 'sk-admin-'], 'sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{16,}'),
  prefixed('API key', ['sk-'], 'sk-(?:or-v1-)?[A-Za-z0-9]{32,}'),
  prefixed('AWS access key', ['AKIA', 'ASIA', 'ABIA', 'ACCA'], '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}'),
  prefixed('GitHub token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], 'gh[pousr]_[A-Za-z0-9]{36,}'),
  prefixed('GitHub token', ['github_pat_'], 'github_pat_[A-Za-z0-9_]{36,}'),
  prefixed(
    'GitLab token',
    ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-'],
    'gl(?:pat|dt|rt|cbt|ptt)-[A-Za-z0-9_-]{20,}(?:\\.[A-Za-z0-9_-]+){0,4}',
  ),
  prefixed('Slack token', ['xox', 'xapp-'], '(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}'),
  prefixed(
    'Slack webhook',
    ['hooks.slack.com'],
    'https://hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9/+_-]{20,}',
  ),
  prefixed(
    'Discord webhook',
    ['/api/webhooks/'],
    'https://(?:[a-z]+\\.)?discord(?:app)?\\.com/api/webhooks/[0-9]{10,20}/[A-Za-z0-9_-]{40,}',
  ),
  prefixed('Stripe key', ['k_live_', 'k_test_', 'whsec_'], '(?:[srp]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}'),
  prefixed('Google API key', ['AIza'], 'AIza[A-Za-z0-9_-]{35}'),
  prefixed('Google OAuth secret', ['GOCSPX-', 'ya29.'], '(?:GOCSPX-[A-Za-z0-9_-]{20,}|ya29\\.[A-Za-z0-9_-]{20,})'),
  prefixed('npm token', ['npm_'], 'npm_[A-Za-z0-9]{36}'),
  prefixed('PyPI token', ['pypi-'], 'pypi-[A-Za-z0-9_-]{50,}'),
  prefixed('Hugging Face token', ['hf_'], 'hf_[A-Za-z0-9]{30,}'),
  prefixed('SendGrid key', ['SG.'], 'SG\\.[A-Za-z0-9_-]{20,24}\\.[A-Za-z0-9_-]{40,46}'),
  prefixed('Twilio key', ['SK', 'AC'], '(?:SK|AC)[0-9a-f]{32}'),
  prefixed('Mailgun key', ['key-'], 'key-[0-9a-f]{32}'),
  prefixed('DigitalOcean token', ['do'], 'do[opr]_v1_[0-9a-f]{64}'),
  prefixed('Docker token', ['dckr_'], 'dckr_[a-z]{3}_[A-Za-z0-9_-]{20,}'),
  prefixed('Databricks token', ['dapi'], 'dapi[0-9a-f]{32}(?:-[0-9])?'),
  prefixed('Vault token', ['hvs.', 'hvb.', 'hvr.'], 'hv[sbr]\\.[A-Za-z0-9_-]{20,}'),
  prefixed('Terraform token', ['.atlasv1.'], '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_-]{60,}'),
  prefixed('Grafana token', ['glsa_', 'glc_'], '(?:glsa|glc)_[A-Za-z0-9+/=_]{32,}'),
  prefixed('Shopify token', ['shp'], 'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}'),
  prefixed('Linear key', ['lin_api_'], 'lin_api_[A-Za-z0-9]{32,}'),
  prefixed('Notion token', ['ntn_'], 'ntn_[A-Za-z0-9]{40,}'),
  prefixed('Sentry token', ['sntry'], 'sntry[su]_[A-Za-z0-9+/=_-]{40,}'),
  prefixed('Atlassian token', ['ATATT3'], 'ATATT3[A-Za-z0-9_=-]{40,}'),
  prefixed('Telegram token', [':AA'], '[0-9]{8,10}:AA[A-Za-z0-9_-]{33}'),
  prefixed('age key', ['AGE-SECRET-KEY-'], 'AGE-SECRET-KEY-1[0-9A-Z]{50,}'),
  prefixed('JSON web token', ['eyJ'], 'eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}'),
  {
    kind: 'authorization',
    hints: ['earer ', 'asic ', 'EARER ', 'ASIC '],
    pattern: new RegExp(
      `\\b(?:authorization["']?\\s{0,4}[:=]\\s{0,4}["']?(?:bearer|basic|token)|bearer) ` +
        '(?<secret>[A-Za-z0-9_~+/.=-]{16,})',
      'gi',
    ),
  },
  {
    kind: 'password',
    hints: ['://'],
    pattern: /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/?#@"'`<>\\]{0,100}:(?<secret>[^\s/?#@"'`<>\\]{1,200})@/gi,
  },
  {
    kind: 'Azure key',
    hints: ['AccountKey=', 'SharedAccessKey='],
    pattern: /(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9+/]{30,}={0,2})/g,
  },
  {
    kind: 'secret',
    hints: ['=', ':'],
    pattern: new RegExp(
      `(?<![A-Za-z0-9])[A-Za-z0-9_.-]{0,60}(?:${SECRET_NAMES})\\\\?["']?\\s{0,4}[=:]\\s{0,4}` +
        // Without quotes, a value that has no digit or is followed by code is a name, not a secret.
        '(?:\\\\?["\'](?<quoted>[^\\s"\'\\\\]{8,300})|' +
        '(?=[A-Za-z_~+/=-]{0,300}[0-9])(?<secret>[A-Za-z0-9_~+/=-]{16,300})(?![\\w~+/=.([-]))',
      'gi',
    ),
  },
];

/** True for the name of a variable or member whose value is a secret (`DB_PASSWORD`, `apiKey`). */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
