import type { Outcome } from '@/lib/outcome';
import { metrics } from './metrics';
import { inSpan } from './trace';

/** The result of a step: a refusal, `open`, or what still has to be proven or chosen. */
type Went = { session?: { standing: string } | undefined; refused?: string };
type Method = 'password' | 'tenant-choice' | 'passkey' | 'code' | 'passkey-as-second' | 'saml';

/** Wraps a step of signing in: counts its outcome and adds a span. */
export const countedSignIn =
  <Given extends unknown[], O extends Outcome<object, string>>(method: Method, step: (...given: Given) => Promise<O>) =>
  (...given: Given): Promise<O> =>
    inSpan(`sign-in ${method}`, {}, async () => {
      const outcome = await step(...given);
      metrics.signIns.inc({ method, outcome: outcome.ok ? went(outcome.value) : outcome.refusal });
      return outcome;
    });

const went = ({ session, refused }: Went): string => refused ?? session?.standing ?? 'choice';
