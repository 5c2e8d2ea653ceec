// Commands on one session that is given by id, title or row, compared with a warm list of 20 rows: both look at all
// files, but these commands read only the transcript and the record of their session.
import { execFileSync } from 'node:child_process';

const MUST = 1.2;
const AIM = 1.1;
const ROW = 7;

/**
 * Rows as those of `rowsFor`. The session is one of usual size among the newest; commands that would change it are dry
 * runs, so that the corpus stays as it is.
 */
export function byNameRows({ ccsess, warmList, session: { id, title } }) {
  const short = id.slice(0, 8);
  const row = (job, ...args) => ({
    job: `\`${job}\``,
    than: 'a warm list',
    ours: ccsess(...args),
    theirs: [warmList],
    must: MUST,
    aim: AIM,
    pairs: 9,
    warmUp: warmList,
  });
  return [
    row('path SHORT-ID', 'path', short),
    row('path TITLE', 'path', title),
    row(`path @${ROW}`, 'path', `@${ROW}`),
    row('show SHORT-ID', 'show', short),
    row('rename SHORT-ID TITLE -n', 'rename', short, 'Another title', '-n'),
    row('tag SHORT-ID TAG -n', 'tag', short, 'sometag', '-n'),
    row('fork SHORT-ID -n', 'fork', short, '-n'),
    // `pin` looks for settings in every folder that a session ran in; `forecast` stores these, a dry run does not.
    { ...row('pin SHORT-ID -n', 'pin', short, '-n'), warmUp: ccsess('forecast') },
    row('unpin SHORT-ID -n', 'unpin', short, '-n'),
    row('archive SHORT-ID -n', 'archive', short, '-n'),
    row('rm SHORT-ID -n', 'rm', short, '-n'),
  ];
}

/** One of the newest sessions that has a title of its own and a usual size. */
export function usualSession(ccsess, env) {
  const [program, ...args] = ccsess('list', '-L', '200', '--json');
  const records = JSON.parse(execFileSync(program, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28 }));
  const count = (title) => records.filter((record) => record.title === title).length;
  const found = records.find(
    ({ title, titleSource, transcriptBytes }) =>
      titleSource !== 'prompt' && count(title) === 1 && transcriptBytes > 100_000 && transcriptBytes < 500_000,
  );
  if (found === undefined) throw new Error('no session of usual size among the newest');
  return found;
}
