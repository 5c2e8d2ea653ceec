type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const atLeast =
  (least: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least;
/** Accepts an object if each of the named members is absent or passes its check. */
const objectWith =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeOf(value) === 'object' &&
    Object.entries(checks).every(([key, check]) => {
      const member = (value as Readonly<Record<string, unknown>>)[key];
      return member === undefined || check(member);
    });
const COMMAND = objectWith({ type: oneOf('command'), command: isText });
const isCommand: Check = (value) => COMMAND(value) && ['type', 'command'].every((key) => key in (value as object));

/** Checks of members for which comparing the type is not enough. */
const CHECKS: Readonly<Record<string, Check>> = {
  cleanupPeriodDays: atLeast(1),
  desktopSessionCleanupPeriodDays: atLeast(0),
  permissions: objectWith({
    // Rules that are not strings are dropped with a warning.
    allow: Array.isArray,
    deny: Array.isArray,
    ask: Array.isArray,
    additionalDirectories: isTextList,
    defaultMode: oneOf('acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'),
    disableBypassPermissionsMode: oneOf('disable'),
  }),
  statusLine: isCommand,
  fileSuggestion: isCommand,
  attribution: (value) => typeof value === 'boolean' || objectWith({ commit: isText, pr: isText })(value),
  sandbox: objectWith({ enabled: (value) => typeof value === 'boolean' }),
  worktree: objectWith({ baseRef: oneOf('fresh', 'head') }),
  modelOverrides: (value) => typeOf(value) === 'object' && Object.values(value as object).every(isText),
  fallbackModel: isTextList,
  availableModels: isTextList,
  enabledMcpjsonServers: isTextList,
  disabledMcpjsonServers: isTextList,
  allowedHttpHookUrls: isTextList,
  httpHookAllowedEnvVars: isTextList,
  companyAnnouncements: isTextList,
  claudeMdExcludes: isTextList,
  // Broken hooks are dropped with a warning, except those that may guard permissions.
  hooks: (value) =>
    typeOf(value) !== 'object' || objectWith({ PreToolUse: Array.isArray, PermissionRequest: Array.isArray })(value),
  tui: oneOf('default', 'fullscreen'),
  defaultShell: oneOf('bash', 'powershell'),
  autoUpdatesChannel: oneOf('latest', 'stable', 'rc'),
  feedbackSurveyRate: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

/** Members of settings files by the type of their value, as Claude Code 2.1.332 reports them. */
const STRICT: Readonly<Record<string, readonly string[]>> = {
  boolean: words(`
    agentPushNotifEnabled allowAllClaudeAiMcps allowClaudeInChromeWithManagedMcp
    allowNestedModelAccessUnderForceLogin alwaysThinkingEnabled autoCompactEnabled autoDreamEnabled
    autoMemoryEnabled autoScrollEnabled awaySummaryEnabled bashEditDiffEnabled clawdFileProgressEnabled
    disableAllHooks disableReplyCheck doneMeansMerged emojiCompletionEnabled fastMode forceRemoteSettingsRefresh
    idleCompaction includeCoAuthoredBy includeGitInstructions inputNeededNotifEnabled
    precomputeCompactionEnabled prefersReducedMotion promptSuggestionEnabled respectGitignore
    respondToBashCommands showClearContextOnPlanAccept showMessageTimestamps showThinkingSummaries
    showTurnDuration spinnerTipsEnabled switchModelsOnFlag syntaxHighlightingDisabled terminalProgressBarEnabled
    terminalTitleFromRename todoFeatureEnabled totalTokensReminderAfterUserTurn verbose
    wheelScrollAccelerationEnabled workflowKeywordTriggerEnabled wslInheritsWindowsSettings
  `),
  string: words(`
    advisorModel agent apiKeyHelper attributionProject autoMemoryDirectory awsAuthRefresh awsCredentialExport
    claudeMd downloadsMirrorUrl gcpAuthRefresh language minimumVersion model modelCatalogPublicKey
    modelCatalogUrl otelHeadersHelper outputStyle plansDirectory pluginTrustMessage prUrlTemplate processWrapper
    proxyAuthHelper requiredMaximumVersion requiredMinimumVersion timeZone
  `),
  object: words(`
    breakReminder enabledPlugins env fileSuggestion modelOverrides permissions pluginConfigs quietHours remote
    remoteTools sandbox skillOverrides spinnerVerbs statusLine voice worktree
  `),
  array: words(`
    allowedChannelPlugins allowedHttpHookUrls availableModels claudeMdExcludes companyAnnouncements
    disabledMcpjsonServers enabledMcpjsonServers fallbackModel httpHookAllowedEnvVars
    pluginSuggestionMarketplaces sshConfigs
  `),
  number: words(`
    feedbackSurveyRate skillListingBudgetFraction skillListingMaxDescChars totalTokensReminderBudget
  `),
};

/** Members whose value may also be null. */
const NULLABLE: Readonly<Record<string, readonly string[]>> = {
  boolean: words(`
    allowManagedHooksOnly allowManagedMcpServersOnly allowManagedPermissionRulesOnly autoContinueAtUsageLimit
    autoUploadSessions channelsEnabled disableAgentView disableArtifact disableBundledSkills
    disableClaudeAiConnectors disableCommandPluginSources disableDirectMcpSkills disableRemoteControl
    disableSideloadFlags disableSkillShellExecution disableWindowsBashCommandSplit disableWorkflows
    enableAllProjectMcpServers enableArtifact enableWorkflows enforceAvailableModels fastModePerSessionOptIn
    fileCheckpointingEnabled isolatePeerMachines remoteControlAtStartup responseComparisonEnabled
    skipDangerousModePermissionPrompt skipWebFetchPreflight skipWorkflowUsageWarning syncClaudeAiPlugins
    syncClaudeAiSkills
  `),
  array: words(`
    blockedMarketplaces strictKnownMarketplaces
  `),
};

const TYPES = new Map<string, { type: string; isNullable: boolean }>([
  ...Object.entries(STRICT).flatMap(([type, keys]) => keys.map((key) => [key, { type, isNullable: false }] as const)),
  ...Object.entries(NULLABLE).flatMap(([type, keys]) => keys.map((key) => [key, { type, isNullable: true }] as const)),
]);

/**
 * Returns the first member for which Claude Code rejects a whole settings file; null if there is none. Values that
 * Claude Code only warns about pass.
 */
export function mistypedKey(members: Readonly<Record<string, unknown>>): string | null {
  for (const [key, value] of Object.entries(members)) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key] : undefined;
    if (check !== undefined) {
      if (!check(value)) return key;
      continue;
    }
    const expected = TYPES.get(key);
    if (expected === undefined || (expected.isNullable && value === null)) continue;
    if (typeOf(value) !== expected.type) return key;
  }
  return null;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
