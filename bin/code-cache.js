// Keeps what V8 compiled of dist/main.cjs and dist/rest.cjs between runs, a file of each per command in ccsess's cache
// folder: compiling takes a third of a start. Without the files everything works, so a doubt about any of them means
// that it is not used.
//
// V8 does not check enough: it takes the code of another release of Node 20 for its own and crashes, compares the
// length of the source and not its text, and does not notice damage. So a file is used only if it names exactly this
// source and this Node, its checksum is right, and nobody but the user can have written it or its folder.
const fs = require('node:fs');
const { basename, dirname, isAbsolute, join, sep } = require('node:path');

const FORMAT = 2;
const NAME = /^code-[0-9a-f]{8}-[a-z]*(\.[0-9a-z]+\.tmp)?$/;
/** The checksum of the rest, the length of the header, and four bytes that are zero. */
const PREFIX_BYTES = 16;
const LENGTH_AT = 8;
/** V8 copies code that is at any other place of the file. */
const ALIGNMENT = 8;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Files kept by a write: more than one installation of ccsess has commands. */
const MAX_FILES = 128;
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;
const MAX_TEMPORARY_AGE_MS = 10 * 60 * 1000;
/** Runs with the same flags that add to a file: the first builds the index, the second reads it. */
const MAX_RUNS_PER_SHAPE = 2;
const MAX_RUNS = 40;
/** Later on, V8 has dropped code of the start that it did not need for long. */
const MAX_CPU_MICROS = 3_000_000;

/**
 * What is known of the code of a file of dist/ for this run: `{ path, key, code, runs, shape }`, `code` undefined if
 * there is none that may be used. Undefined where no cache can be kept.
 */
exports.loadCode = (filename, source) => {
  try {
    if (process.geteuid === undefined) return undefined;
    const [command, shape] = shapeOf(process.argv.slice(2));
    const node = fs.realpathSync.native(process.execPath);
    const { size, mtimeMs } = fs.statSync(node);
    const flags = [process.execArgv, process.env.NODE_OPTIONS ?? ''];
    // A checksum of the whole source at each start takes 0.2 ms. A hash that the build left would be stale after an
    // edit, or after an update that was cut off; and whoever means harm and can write the source needs no cache.
    const text = [source.length, sumOf(source)];
    const key = JSON.stringify([FORMAT, text, node, size, mtimeMs, process.version, process.arch, flags]);
    // The next version at the same path replaces the file.
    const where = sumOf(JSON.stringify([filename, node, flags])).slice(0, 8);
    const path = join(cacheFolder(), `code-${where}-${command}`);
    const own = { path, key, shape, runs: [], ...readCode(path, key) };
    // A run that must not write, and so never leaves code of its own, takes what another command left.
    if (own.code !== undefined || mayWrite(process.argv.slice(2))) return own;
    return { ...own, ...codeOfAny(dirname(path), `code-${where}-`, key) };
  } catch {
    return undefined;
  }
};

/**
 * Saves the compiled code when the process ends, unless that has been done for such a run or the run must not write.
 */
exports.saveCodeAtExit = (script, { path, key, shape, runs, code }) => {
  const known = code === undefined || script.cachedDataRejected ? [] : runs;
  if (known.filter((run) => run === shape).length >= MAX_RUNS_PER_SHAPE || known.length >= MAX_RUNS) return;
  if (!mayWrite(process.argv.slice(2))) return;
  const before = v8State();
  process.once('exit', (exitCode) => {
    try {
      const { user, system } = process.cpuUsage();
      // Code made under other V8 flags than those of the start would be rejected by the next run.
      if (exitCode !== 0 || user + system > MAX_CPU_MICROS || !before.equals(v8State())) return;
      if (isInMissingHome(path)) return;
      makeFolder(dirname(path));
      if (!isOwn(fs.lstatSync(dirname(path)))) return;
      writeCode(path, key, [...known, shape], script.createCachedData());
      removeOld(dirname(path));
    } catch {
      // A cache that cannot be written is none.
    }
  });
};

/** As that of node:os, which need not be loaded where it returns $HOME. */
function homedir() {
  return process.env.HOME || require('node:os').homedir();
}

/** As src/session-index/cache-dir.ts, which is part of what is not loaded yet. */
function cacheFolder() {
  const xdg = process.env.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'ccsess');
}

/** As src/session-index/cache-dir.ts. */
function isInMissingHome(path) {
  return path.startsWith(homedir() + sep) && !fs.existsSync(homedir());
}

/** The command, '' if none, and a number for which flags a run has and whether it writes to a terminal or a file. */
function shapeOf(args) {
  const words = beforePassthrough(args);
  const command = words.find((word) => /^[a-z]{1,20}$/.test(word)) ?? '';
  const flags = words
    .filter((word) => word.startsWith('-'))
    .map((word) => (word.startsWith('--') ? word.split('=')[0] : word.slice(0, 2)));
  return [command, sumOf(JSON.stringify([command, [...new Set(flags)].sort(), fs.fstatSync(1).isCharacterDevice()]))];
}

/** The checksum of bytes or a text, 16 hexadecimal digits. */
function sumOf(content) {
  return checksum(typeof content === 'string' ? Buffer.from(content) : content)
    .toString(16)
    .padStart(16, '0');
}

/** False for a dry run and with `--no-cache`; also for a value that looks like one of them. */
function mayWrite(args) {
  return !beforePassthrough(args).some((word) => /^(-[a-z]*n|--dry-run|--no-cache)/i.test(word));
}

function beforePassthrough(args) {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

/** Whether a file or folder belongs to this user, who alone can write it. */
function isOwn({ uid, mode }) {
  return uid === process.geteuid() && (mode & 0o022) === 0;
}

/**
 * The parts of a file: the checksum of the rest (8 bytes), the length of the header (4), zeros (4), the header in JSON
 * with spaces behind it up to a multiple of 8, the code.
 * Returns nothing unless all is as it must be; throws what Node does.
 */
function readCode(path, key) {
  const folder = fs.lstatSync(dirname(path), { throwIfNoEntry: false });
  if (folder === undefined || !folder.isDirectory() || !isOwn(folder)) return {};
  const bytes = readOwn(path);
  if (bytes === undefined || bytes.readBigUInt64LE(0) !== checksum(bytes.subarray(LENGTH_AT))) return {};
  const codeStart = PREFIX_BYTES + bytes.readUInt32LE(LENGTH_AT);
  const header = JSON.parse(bytes.utf8Slice(PREFIX_BYTES, codeStart));
  return header.key === key ? { code: bytes.subarray(codeStart), runs: header.runs } : {};
}

/**
 * Code that any command left, by the beginning of its file's name, the largest that may be used, since it has most
 * functions; nothing if there is none.
 */
function codeOfAny(folder, beginning, key) {
  const files = fs
    .readdirSync(folder)
    .filter((name) => name.startsWith(beginning) && NAME.test(name) && !name.endsWith('.tmp'))
    .map((name) => join(folder, name))
    .map((path) => ({ path, bytes: fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0 }))
    .sort((a, b) => b.bytes - a.bytes);
  for (const { path } of files) {
    const { code } = readCode(path, key);
    if (code !== undefined) return { code };
  }
  return {};
}

/** The bytes of a regular file of this user's own; undefined for anything else. */
function readOwn(path) {
  let fd;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const stats = fs.fstatSync(fd);
    if (!stats.isFile() || !isOwn(stats) || stats.size < PREFIX_BYTES || stats.size > MAX_FILE_BYTES) return undefined;
    return fs.readFileSync(fd);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Puts a file in place of the old one in one step. */
function writeCode(path, key, runs, code) {
  const text = Buffer.from(JSON.stringify({ key, runs }));
  const header = Buffer.alloc(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT, ' ');
  text.copy(header);
  const bytes = Buffer.concat([Buffer.alloc(PREFIX_BYTES), header, code]);
  bytes.writeUInt32LE(header.length, LENGTH_AT);
  bytes.writeBigUInt64LE(checksum(bytes.subarray(LENGTH_AT)), 0);
  const temporary = `${path}.${process.pid.toString(36)}${Math.random().toString(36).slice(2, 10)}.tmp`;
  try {
    fs.writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600 });
    fs.renameSync(temporary, path);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

/** Removes old files, the oldest beyond a number, and what killed runs left half written. */
function removeOld(folder) {
  const files = fs
    .readdirSync(folder)
    .filter((name) => NAME.test(name))
    .map((name) => ({ path: join(folder, name), mtimeMs: fs.lstatSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  const age = ({ mtimeMs }) => Date.now() - mtimeMs;
  const isOld = (file, index) =>
    index >= MAX_FILES || age(file) > (basename(file.path).endsWith('.tmp') ? MAX_TEMPORARY_AGE_MS : MAX_AGE_MS);
  for (const { path } of files.filter(isOld)) fs.rmSync(path, { force: true });
}

/**
 * Makes a folder and what it needs above, for this user alone, step by step: `recursive` does not end on some paths.
 * Throws where that cannot be done, or would be done as root in a folder of another user.
 */
function makeFolder(path) {
  const above = dirname(path);
  if (fs.existsSync(path) || above === path) return;
  makeFolder(above);
  const { uid } = fs.statSync(above);
  if (uid !== 0 && uid !== process.geteuid()) throw new Error('a folder of another user');
  fs.mkdirSync(path, { mode: 0o700 });
}

/** What V8 puts at the head of all code it compiles now: its version and a hash of its flags. */
function v8State() {
  const { Script } = require('node:vm');
  return new Script('').createCachedData().subarray(0, 16);
}

// A checksum that notices damage, in WebAssembly: of the modules of Node that have one, the smallest takes a
// millisecond to load, a tenth of what a start adds to Node's own. It was compiled by
// `asc -O3 --runtime stub --noAssert --initialMemory 4` from
//
//   let a: i64 = 0;
//   let b: i64 = 0;
//   export function begin(): void { a = 0x243f6a8885a308d3; b = 0x13198a2e03707344; }
//   export function add(end: i32): void {
//     const k: i64 = 0x9fb21c651e98df25;
//     let x = a, y = b;
//     for (let p = 0; p < end; p += 16) {
//       x = (x ^ load<i64>(p)) * k;
//       y = (y ^ load<i64>(p, 8)) * k;
//       x ^= x >>> 29;
//       y ^= y >>> 31;
//     }
//     a = x;
//     b = y;
//   }
//   export function end(): i64 { return a ^ (b * 0x2545f4914f6cdd1d); }
//
// Each step can be undone, so a change within any eight bytes is always noticed; of other changes, one in 2^64 is not.
const MODULE =
  'AGFzbQEAAAABDANgAAF+YAAAYAF/AAMEAwABAgUDAQAEBgsCfgFCAAt+AUIACwceBAViZWdpbgABA2FkZAACA2VuZAAABm1lbW9yeQIACpYBAx' +
  'IAIwAjAUKdurP7lJL9oiV+hQsaAELTkYytiNHanyQkAELE5sGb4MXijBMkAQtmAgJ+AX8jACEBIwEhAgNAIAAgA0oEQCABIAMpAwCFQqW+4/TR' +
  'jIfZn39+IgFCHYggAYUhASACIAMpAwiFQqW+4/TRjIfZn39+IgJCH4ggAoUhAiADQRBqIQMMAQsLIAEkACACJAEL';
const BLOCK_BYTES = 16;

let instance;

/** The checksum of bytes and their number, as a BigInt of 64 bits. */
function checksum(bytes) {
  instance ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(MODULE, 'base64')));
  const { begin, add, end, memory } = instance.exports;
  const window = Buffer.from(memory.buffer);
  begin();
  for (let at = 0; at < bytes.length; at += window.length) {
    const part = bytes.subarray(at, at + window.length);
    window.set(part);
    const blocksEnd = Math.ceil(part.length / BLOCK_BYTES) * BLOCK_BYTES;
    window.fill(0, part.length, blocksEnd);
    add(blocksEnd);
  }
  // The length distinguishes added zeros from zeros at the end of the content.
  window.fill(0, 0, BLOCK_BYTES);
  window.writeDoubleLE(bytes.length, 0);
  add(BLOCK_BYTES);
  return BigInt.asUintN(64, end());
}

exports.checksum = checksum;
