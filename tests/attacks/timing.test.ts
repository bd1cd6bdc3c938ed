import { expect, test } from 'vitest';
import { db } from '@/db/client';
import { rateLimits } from '@/db/schema/rate-limits';
import { forgotPassword } from '@/lib/auth/forgot-password';
import { signInByPassword } from '@/lib/auth/sign-in';
import { findOpenInvitation } from '@/lib/invitations/find-open';
import { showInvitationLink } from '@/lib/invitations/handle';
import { actorOf, cast, FROM_TEST, PASSWORD } from '../support/cast';

const median = (of: number[]) => [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;

/**
 * Asks each kind in turn, round after round, so that a busy machine is busy for all of them. The medians of what it took,
 * as the largest difference between two kinds, in milliseconds.
 */
async function apart(rounds: number, kinds: (() => Promise<unknown>)[]): Promise<number> {
  const took = kinds.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < kinds.length; i++) {
      const at = (i + round) % kinds.length;
      const began = performance.now();
      await kinds[at]?.();
      took[at]?.push(performance.now() - began);
    }
    await db.delete(rateLimits);
  }
  const medians = took.map(median);
  return Math.max(...medians) - Math.min(...medians);
}

test('time tells nothing of an account: at sign-in', { timeout: 120_000 }, async () => {
  const { acme } = await cast();
  const as = (email: string, password: string) => () => signInByPassword({ email, password }, FROM_TEST);
  const kinds = [
    as('nobody@nowhere.example', PASSWORD),
    as(acme.sam.email, 'a wrong password'),
    as(acme.dan.email, PASSWORD),
    as(acme.ivy.email, 'a wrong password'),
  ];
  expect(await apart(12, kinds)).toBeLessThan(20);
});

test('time tells nothing of an account: where a reset is asked for', async () => {
  const { acme } = await cast();
  const sent: Promise<unknown>[] = [];
  const of = (email: string) => async () => {
    const outcome = await forgotPassword({ email }, FROM_TEST);
    if (outcome.ok) sent.push(outcome.value.sent);
  };
  const difference = await apart(30, [of('nobody@nowhere.example'), of(acme.sam.email), of(acme.dan.email)]);
  await Promise.all(sent);
  expect(difference).toBeLessThan(8);
});

test('time tells nothing of a link: open, near to one, or none', async () => {
  const { acme } = await cast();
  const shown = await showInvitationLink(await actorOf(acme.ada), { userId: acme.ivy.id });
  const token = shown.ok ? String(shown.value.url.split('/').pop()) : '';
  const tokens = [`${token.slice(0, -4)}AAAA`, 'A'.repeat(43), `A${token.slice(1)}`];
  const kinds = tokens.map((each) => () => findOpenInvitation(each));
  expect(await apart(60, kinds)).toBeLessThan(5);
});
