import { userInfo } from 'node:os';

let uid: number | undefined;

/** The user's number in the system; -1 on Windows, where files have no owner either. Asked once: it reads the system's list of users. */
export function ownUid(): number {
  uid ??= userInfo().uid;
  return uid;
}
