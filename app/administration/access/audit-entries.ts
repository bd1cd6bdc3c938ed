import { exactTime, relativeTime } from '@/components/format-time';
import type { AuditEntry } from '@/db/schema/audit';
import { DOOR_NAMES, sentence } from '@/lib/audit/sentence';
import { deviceName } from '@/lib/sessions/device';
import { AUDIT_PATH } from './audit-log/path';

export type Fact = [term: string, value: string, href?: string];
/** An entry as displayed: a sentence, a line with the circumstances, and the full record. */
export type ShownEntry = {
  id: string;
  sentence: string;
  at: [iso: string, exact: string, words: string];
  circumstances: string;
  facts: Fact[];
};

type Sealed = { number: number | null; hash: string | null };

export function toShown(entry: AuditEntry, sealed: Sealed, now: Date, timeZone: string): ShownEntry {
  const { actorKind, ip, userAgent } = entry;
  const from = [DOOR_NAMES[actorKind], ip, userAgent && deviceName(userAgent)];
  return {
    id: entry.id,
    sentence: sentence(entry),
    at: [entry.at.toISOString(), exactTime(entry.at, timeZone), relativeTime(entry.at, now)],
    circumstances: from.filter(Boolean).join(' · '),
    facts: factsOf(entry, sealed),
  };
}

const everythingOf = (personId: string) => `${AUDIT_PATH}?person=${personId}`;
const named = (name: string | null, label: string | null) => (name ? `${name} (${label})` : (label ?? ''));

function factsOf(entry: AuditEntry, { number, hash }: Sealed): Fact[] {
  const { actorKind, actorId, targetId, keyId } = entry;
  const isPerson = actorKind === 'user' || actorKind === 'api_key';
  const who: Fact = ['Who', named(entry.actorName, entry.actorLabel)];
  if (isPerson && actorId) who.push(everythingOf(actorId));
  const facts: (Fact | null)[] = [
    who,
    keyId ? ['API key', `${entry.keyName} (${keyId})`] : null,
    targetId ? ['Whom', named(entry.targetName, entry.targetLabel), everythingOf(targetId)] : null,
    ...detailsOf(entry.details),
    ['When (UTC)', entry.at.toISOString()],
    ['Door', DOOR_NAMES[actorKind]],
    entry.ip ? ['Address', entry.ip] : null,
    entry.userAgent ? ['Device', entry.userAgent] : null,
    entry.sessionId ? ['Session', entry.sessionId] : null,
    ['Action', entry.action],
    ['Entry', entry.id],
    number === null ? null : ['Number and hash', `${number} · ${hash}`],
  ];
  return facts.filter((fact) => fact !== null);
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
/** "sessionsEnded" → "Sessions ended" */
const words = (key: string) =>
  key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/^./, (letter) => letter.toUpperCase());

/** Changes are one line per field: before → after. */
function detailsOf({ before, after, ...rest }: Record<string, unknown>): Fact[] {
  const changes: Fact[] =
    isFields(before) && isFields(after)
      ? Object.keys(after).map((field) => [
          words(field),
          `${shown(before[field]) || '(empty)'} → ${shown(after[field]) || '(empty)'}`,
        ])
      : after === undefined
        ? []
        : [['Before → after', `${shown(before)} → ${shown(after)}`]];
  return [...changes, ...Object.entries(rest).map(([key, value]): Fact => [words(key), shown(value)])];
}
