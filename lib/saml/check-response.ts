import { z } from 'zod';
import { emailField } from '@/lib/users/fields';
import {
  type Attributes,
  FIELD_WORDS,
  type Field,
  groupsOf,
  hasTooManyGroups,
  likelyName,
  type Names,
  readAttributes,
  sentValue,
} from './attributes';
import { CLOCK_SKEW_MS, LONGEST_MS, readTime } from './clock';
import { attribute, child, children, NS, textOf } from './read-xml';
import type { Problem, Reason } from './reasons';
import { type ReadRequest, readRequestId } from './request-id';

/**
 * All checks that the library leaves to us, made on the very elements whose signature was verified. Each check returns null
 * or the problem. A sign-in ends at the first problem; a test shows them all.
 */
export type Expected = {
  connectionId: string;
  entityId: string;
  acsUrl: string;
  idpEntityId: string;
  /** Accepts responses that answer no request (IdP-initiated sign-in). */
  idpInitiated: boolean;
  names: Names;
  groupAttribute: string | null;
};

export type Claims = {
  nameId: string;
  sessionIndex: string | null;
  /** When the provider's session ends, in ISO 8601. */
  notAfter: string | null;
  /** When the person authenticated at the provider, in ISO 8601. */
  authenticatedAt: string;
  email: string;
  firstName: string;
  lastName: string;
  groups: string[] | null;
  tooManyGroups?: true;
};

type Heard = Expected & { response: Element; assertion: Element; now: Date };
type Check = (heard: Heard) => Problem | null;

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';

const problem = (reason: Reason, facts: Record<string, string> = {}): Problem => ({ reason, facts });
const isOver = (at: Date, now: Date) => now.getTime() - CLOCK_SKEW_MS >= at.getTime();
const isAhead = (at: Date, now: Date) => now.getTime() + CLOCK_SKEW_MS < at.getTime();

const status: Check = ({ response }) => {
  const element = child(response, NS.protocol, 'Status');
  const codes = element ? Array.from(element.getElementsByTagNameNS(NS.protocol, 'StatusCode')) : [];
  const [top, second] = codes.map((code) => attribute(code, 'Value') ?? '');
  if (top === SUCCESS) return null;
  const short = [top, second].map((code) => code?.split(':').at(-1)).filter(Boolean);
  const text = element ? textOf(child(element, NS.protocol, 'StatusMessage')).slice(0, 200) : '';
  return problem('status', { status: short.join(', ') || 'without a status', text });
};

const version: Check = ({ response, assertion }) =>
  [response, assertion].every((each) => attribute(each, 'Version') === '2.0') ? null : problem('version');

/** The assertion must name its issuer; the response may omit it. */
const issuer: Check = ({ response, assertion, idpEntityId }) => {
  const said = [child(assertion, NS.assertion, 'Issuer'), ...children(response, NS.assertion, 'Issuer')];
  const wrong = said.find(
    (each) => each === null || textOf(each) !== idpEntityId || ![null, ENTITY].includes(attribute(each, 'Format')),
  );
  return wrong === undefined ? null : problem('issuer', { issuer: textOf(wrong) || 'nobody', expected: idpEntityId });
};

const destination: Check = ({ response, acsUrl }) => {
  const said = attribute(response, 'Destination');
  return said === acsUrl ? null : problem('destination', { destination: said ?? 'no address', expected: acsUrl });
};

/** The request that the response answers. Null if it names none, which only some connections allow. */
export function readQuestion({ response, connectionId, now }: Pick<Heard, 'response' | 'connectionId' | 'now'>) {
  const id = attribute(response, 'InResponseTo');
  return id === null ? null : { id, read: readRequestId(id, connectionId, now) };
}

const asked = (heard: Heard): ReadRequest | null => {
  const question = readQuestion(heard);
  return question && typeof question.read === 'object' ? question.read : null;
};

const question: Check = (heard) => {
  const found = readQuestion(heard);
  if (!found) return heard.idpInitiated ? null : problem('unasked-for');
  if (found.read === 'unknown') return problem('unknown-request');
  return found.read === 'old' ? problem('request-old') : null;
};

const confirmations = (assertion: Element): Element[] => {
  const subject = child(assertion, NS.assertion, 'Subject');
  return (subject ? children(subject, NS.assertion, 'SubjectConfirmation') : [])
    .filter((each) => attribute(each, 'Method') === BEARER)
    .flatMap((each) => child(each, NS.assertion, 'SubjectConfirmationData') ?? []);
};

/** SAML 2.0 Profiles, 4.1.4.3: addressed to us, for this request, and not expired. One valid confirmation is enough. */
const confirmation: Check = ({ response, assertion, acsUrl, now }) => {
  const answered = attribute(response, 'InResponseTo');
  let wrong: Problem = problem('confirmation');
  for (const data of confirmations(assertion)) {
    const recipient = attribute(data, 'Recipient');
    const until = readTime(attribute(data, 'NotOnOrAfter'));
    const from = attribute(data, 'NotBefore');
    if (recipient !== acsUrl) wrong = problem('recipient', { recipient: recipient ?? 'nobody', expected: acsUrl });
    else if (!until) wrong = problem('confirmation');
    else if (isOver(until, now)) wrong = problem('expired', { what: 'NotOnOrAfter', at: until.toISOString() });
    else if (until.getTime() - now.getTime() > LONGEST_MS + CLOCK_SKEW_MS)
      wrong = problem('too-long-valid', { until: until.toISOString() });
    else if (from !== null && isAhead(readTime(from) ?? until, now))
      wrong = problem('not-yet-valid', { what: 'NotBefore', at: from });
    else if (attribute(data, 'InResponseTo') !== answered) wrong = problem('unknown-request');
    else return null;
  }
  return wrong;
};

const CONDITIONS = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']);

const times: Check = ({ assertion, now }) => {
  const conditions = child(assertion, NS.assertion, 'Conditions');
  const issued = readTime(attribute(assertion, 'IssueInstant'));
  const until = conditions && readTime(attribute(conditions, 'NotOnOrAfter'));
  if (!conditions || !until || !issued) return problem('no-conditions');
  const notBefore = attribute(conditions, 'NotBefore');
  const from = readTime(notBefore);
  if (notBefore !== null && !from) return problem('no-conditions');
  if (isAhead(issued, now)) return problem('not-yet-valid', { what: 'IssueInstant', at: issued.toISOString() });
  if (from && isAhead(from, now)) return problem('not-yet-valid', { what: 'NotBefore', at: from.toISOString() });
  if (isOver(until, now)) return problem('expired', { what: 'NotOnOrAfter', at: until.toISOString() });
  if (until.getTime() - now.getTime() > LONGEST_MS + CLOCK_SKEW_MS)
    return problem('too-long-valid', { until: until.toISOString() });
  if (now.getTime() - issued.getTime() > LONGEST_MS + CLOCK_SKEW_MS)
    return problem('expired', { what: 'IssueInstant', at: issued.toISOString() });
  const unknown = Array.from(conditions.childNodes).find(
    (node) =>
      node.nodeType === 1 &&
      !((node as Element).namespaceURI === NS.assertion && CONDITIONS.has((node as Element).localName)),
  );
  return unknown ? problem('unknown-condition', { condition: (unknown as Element).localName }) : null;
};

/** Every restriction must name us (SAML 2.0 Core, 2.5.1.4), and there must be one. */
const audience: Check = ({ assertion, entityId }) => {
  const conditions = child(assertion, NS.assertion, 'Conditions');
  const restrictions = conditions ? children(conditions, NS.assertion, 'AudienceRestriction') : [];
  const sets = restrictions.map((each) => children(each, NS.assertion, 'Audience').map(textOf));
  if (sets.length > 0 && sets.every((set) => set.includes(entityId))) return null;
  return problem('audience', { audience: sets.flat().join(', ') || 'of nobody', expected: entityId });
};

const authentication: Check = (heard) => {
  const [statement, ...others] = children(heard.assertion, NS.assertion, 'AuthnStatement');
  const at = statement && readTime(attribute(statement, 'AuthnInstant'));
  if (!statement || !at || others.length > 0) return problem('no-authn-statement');
  const until = attribute(statement, 'SessionNotOnOrAfter');
  if (until !== null && isOver(readTime(until) ?? new Date(0), heard.now))
    return problem('session-over', { at: until });
  const request = asked(heard);
  // The clock skew also covers providers that omit fractions of a second.
  const isStale = request?.kind === 'again' && at.getTime() < request.askedAt.getTime() - CLOCK_SKEW_MS;
  return isStale ? problem('not-fresh') : null;
};

const nameIdElement = (assertion: Element) => {
  const subject = child(assertion, NS.assertion, 'Subject');
  return subject && child(subject, NS.assertion, 'NameID');
};
const nameIdOf = (assertion: Element): string => textOf(nameIdElement(assertion));

/** Core, 8.3.8: a transient NameID differs at each sign-in. */
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

const nameId: Check = ({ assertion }) => {
  const given = nameIdOf(assertion);
  const element = nameIdElement(assertion);
  if (element && attribute(element, 'Format') === TRANSIENT) return problem('transient-name-id');
  return given === '' || given.length > 1024 ? problem('no-name-id') : null;
};

const attributes: Check = ({ assertion, names }) => {
  const sent = readAttributes(assertion);
  for (const field of ['email', 'firstName', 'lastName'] satisfies Field[]) {
    if (sentValue(field, sent, names) !== null) continue;
    const facts = { field: FIELD_WORDS[field], sent: namesOf(sent) };
    const likely = likelyName(field, sent);
    return problem('attribute-missing', likely ? { ...facts, likely } : facts);
  }
  const email = sentValue('email', sent, names) ?? '';
  return emailField.safeParse(email).success ? null : problem('bad-email', { value: email.slice(0, 100) });
};

const namesOf = (sent: Attributes): string =>
  Object.keys(sent)
    .slice(0, 20)
    .map((name) => `“${name.slice(0, 100)}”`)
    .join(', ');

/** In the order they run. The names are shown in the test report. */
const CHECKS = {
  Status: status,
  Version: version,
  Issuer: issuer,
  Destination: destination,
  Question: question,
  'Bearer confirmation': confirmation,
  'Times and conditions': times,
  Audience: audience,
  'Sign-in statement': authentication,
  NameID: nameId,
  Attributes: attributes,
} as const satisfies Record<string, Check>;

export type Asked = { check: string; problem: Problem | null };

export const checkResponse = (heard: Heard): Asked[] =>
  Object.entries(CHECKS).map(([check, ask]) => ({ check, problem: ask(heard) }));

const SHORT = 100;
const short = z.string().transform((name) =>
  Array.from(name.replace(/\p{Cc}/gu, ' '))
    .slice(0, SHORT)
    .join('')
    .trim(),
);

/** The claims of the assertion. Meaningful only if every check has passed. */
export function readClaims({
  assertion,
  names,
  groupAttribute,
}: Pick<Heard, 'assertion' | 'names' | 'groupAttribute'>): Claims {
  const sent = readAttributes(assertion);
  const [statement] = children(assertion, NS.assertion, 'AuthnStatement');
  return {
    nameId: nameIdOf(assertion),
    sessionIndex: statement ? attribute(statement, 'SessionIndex') : null,
    notAfter: (statement && readTime(attribute(statement, 'SessionNotOnOrAfter'))?.toISOString()) ?? null,
    authenticatedAt: ((statement && readTime(attribute(statement, 'AuthnInstant'))) ?? new Date(0)).toISOString(),
    email: addressOf(sentValue('email', sent, names) ?? ''),
    firstName: short.parse(sentValue('firstName', sent, names) ?? ''),
    lastName: short.parse(sentValue('lastName', sent, names) ?? ''),
    groups: groupsOf(sent, groupAttribute)?.slice(0, 1000) ?? null,
    ...(groupAttribute !== null && hasTooManyGroups(sent) ? { tooManyGroups: true } : {}),
  };
}

/** The parsed address. An invalid one, which the checks refuse, is returned as sent, trimmed. */
const addressOf = (sent: string): string => emailField.safeParse(sent).data ?? sent.trim();

/** How long an assertion could be replayed, and so how long its id must be kept. */
export function rememberUntil(now: Date): Date {
  return new Date(now.getTime() + LONGEST_MS + 2 * CLOCK_SKEW_MS);
}
