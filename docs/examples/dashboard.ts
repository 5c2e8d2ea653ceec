// Numbers for a dashboard: usage by day and by project, as JSON.
import { listProjects, listSessions, stats } from 'ccsess';

const lastMonth = new Date(Date.now() - 30 * 24 * 60 * 60 * 1000);
const [byDay, byProject, projects, sessions] = await Promise.all([
  stats({ by: 'day', since: lastMonth }),
  stats({ by: ['week', 'project'], since: lastMonth }),
  listProjects({ sort: 'size', limit: 10 }),
  listSessions({ limit: 20 }),
]);
console.log(JSON.stringify({ days: byDay.rows, weeks: byProject.rows, projects, sessions }, null, 2));
