import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { type Action, actionFiles, findActions, wrappingFiles } from '../support/doors';
import { fc, oneAfterAnother, times } from '../support/fuzz';
import { type Fields, formOf, HOSTILE, noForm, noState, sendable, toFormData } from '../support/hostile';
import { type Ending, HERE, inNextRequest, requestTo } from '../support/next-request';
import { type Caller, newElsewhere, newRoom, type Room } from '../support/room';
import {
  closeEyes,
  expectNothingTold,
  expectWholeChain,
  inTime,
  lookAround,
  shown,
  withoutWhatWasGiven,
} from '../support/unharmed';

vi.mock('@/app/form-action', async (original) => (await import('../support/doors')).noting(await original()));

/**
 * Every server action, as a form or a script of anybody's could call it: by strangers, people and admins, with what a page
 * would send, spoilt. Whatever comes, it is a sentence or a way on within this site, and nobody else has lost anything by it.
 */
const actions = await findActions();

/** They answer with something else than the state of a form: what, by the name of one of its parts. */
const ANSWERS_OTHERWISE: Record<string, RegExp> = {
  metadataAction: /^step$/,
  askForNewPasskey: /^(create|refused)$/,
  askForConfirmation: /^(get|refused)$/,
  askForPasskeyQuestion: /^(get|refused)$/,
  askForSecondFactor: /^(get|refused)$/,
};
/** They take nothing. */
const WITHOUT_FIELDS = [
  'askForConfirmation',
  'askForNewPasskey',
  'askForPasskeyQuestion',
  'askForSecondFactor',
  'deleteAction',
  'disableAction',
  'enableAction',
  'endOtherSessionsAction',
  'renewRecoveryCodesAction',
  'reportStolenAction',
  'stopRequiringAction',
  'verifyAction',
];

/** Whose they are is said by an address, in whichever tenant it is. */
const BY_ADDRESS = ['forgotPasswordAction', 'signInAction'];

const RUNS: Record<Caller['name'], number> = { 'an admin': 7, 'a standard user': 4 };
const SENTENCE = /^\P{Ll}.*[.?!]$/su;

let elsewhere: Awaited<ReturnType<typeof newElsewhere>>;
const ends: Record<string, number> = {};
const count = (end: string) => {
  ends[end] = (ends[end] ?? 0) + 1;
};
beforeAll(async () => {
  elsewhere = await newElsewhere();
});
// Limits are proven elsewhere; here each call is to reach what is behind them.
beforeEach(() => db.delete(rateLimits).then(() => undefined));
afterAll(async () => {
  await closeEyes();
  console.log(`${actions.length} actions, how their calls ended:`, ends);
});

test('every action is found, and what it takes is known', () => {
  expect(actions.length).toBeGreaterThan(50);
  expect(
    wrappingFiles.map(({ file }) => file).filter((file) => !actionFiles.some((each) => each.file === file)),
  ).toEqual([]);
  const without = actions.filter(({ fields }) => fields.size === 0).map(({ name }) => name);
  expect(without.sort()).toEqual(WITHOUT_FIELDS);
});

const referer = fc.constantFrom('', 'http://rollcall.test/profile?a=b', ...HOSTILE.map(sendable));

const pages = [...new Set(actions.map(({ page }) => page))];
test.each(pages)('the actions of %s', async (page) => {
  const room = await newRoom(elsewhere);
  for (const action of actions.filter((each) => each.page === page)) {
    for (const caller of room.callers) await fuzz(action, room, caller);
    await expectWholeChain(room);
  }
});

async function fuzz(action: Action, room: Room, caller: Caller): Promise<void> {
  const expectUnharmed = await lookAround(room, caller, BY_ADDRESS.includes(action.name));
  const sent = fc.oneof(
    { weight: 9, arbitrary: formOf(action.fields, caller.knows) },
    { weight: 1, arbitrary: noForm.map((given) => ({ given })) },
  );
  await fc.assert(
    fc.asyncProperty(sent, noState, referer, async (form, state, referer) => {
      const what = `${action.name} by ${caller.name}: ${shown({ form, state, referer })}`;
      const given = 'given' in form ? form.given : toFormData(form);
      const request = requestTo(action.page, { headers: { referer }, cookie: await caller.cookie() });
      const { ending } = await inTime(what, () =>
        inNextRequest(`${action.page}/page`, request, () =>
          action.call.length === 1 ? action.call(given) : action.call(state, given),
        ),
      );
      expectOrdinary(what, ending, action, room, caller, 'given' in form ? [] : form);
      await expectUnharmed(what);
    }),
    { numRuns: times(RUNS[caller.name] ?? 2), ...oneAfterAnother(`${action.name} ${caller.name}`) },
  );
}

const statusOf = (value: unknown): string => (value as { status?: string } | undefined)?.status ?? 'otherwise';

function expectOrdinary(what: string, ending: Ending, action: Action, room: Room, caller: Caller, given: Fields): void {
  count('to' in ending ? 'to a page' : 'status' in ending ? String(ending.status) : statusOf(ending.value));
  if ('status' in ending) {
    expect([403, 404], what).toContain(ending.status);
    return;
  }
  if ('to' in ending) {
    expect([what, new URL(ending.to, HERE).origin]).toEqual([what, HERE]);
    expect(ending.to, what).toMatch(/^\/(?![/\\])/);
    expectNothingTold(what, withoutWhatWasGiven(ending.to, given), room, caller);
    return;
  }
  const { value } = ending;
  const part = ANSWERS_OTHERWISE[action.name];
  if (part) expect(Object.keys(value as object).some((name) => part.test(name))).toBe(true);
  else if (action.name !== 'signOutAction') {
    expect(value, what).toMatchObject({ status: expect.stringMatching(/^(done|refused)$/) });
    const { message, fields = {} } = value as { message: string; fields?: Record<string, string> };
    for (const words of [message, ...Object.values(fields)]) expect(words, what).toMatch(SENTENCE);
  }
  expectNothingTold(what, withoutWhatWasGiven(JSON.stringify(value), given), room, caller);
}
