// Messages about a word, newest sessions first.
import { searchSessions } from 'ccsess';

for await (const match of searchSessions('login', { since: '30d', maxCount: 3 }))
  console.log(match.sessionId, match.title, JSON.stringify(match).length);
