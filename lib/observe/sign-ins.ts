import type { Outcome } from '@/lib/outcome';
import { metrics } from './metrics';
import { inSpan } from './trace';

/** How far it went: `open`, or what is still to be proven or chosen. */
type Went = { session?: { standing: string } | undefined; refused?: string };
type Method = 'password' | 'tenant-choice' | 'passkey' | 'code' | 'passkey-as-second' | 'saml';

/** A step of signing in, counted by how it ends and seen in traces. */
export const countedSignIn =
  <Given extends unknown[], O extends Outcome<object, string>>(method: Method, step: (...given: Given) => Promise<O>) =>
  (...given: Given): Promise<O> =>
    inSpan(`sign-in ${method}`, {}, async () => {
      const outcome = await step(...given);
      metrics.signIns.inc({ method, outcome: outcome.ok ? went(outcome.value) : outcome.refusal });
      return outcome;
    });

const went = ({ session, refused }: Went): string => refused ?? session?.standing ?? 'choice';
