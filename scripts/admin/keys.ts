import { z } from 'zod';
import { makeLostKeysAnew } from '@/lib/lost-key';
import { resealAll } from '@/lib/reseal';
import { type Command, command, unwrap } from './command';

export const keyCommands: Record<string, Command> = {
  reseal: command(
    'seals by SEALING_KEY what is still sealed by one of SEALING_KEY_PREVIOUS, and counts it',
    {},
    z.object({}),
    resealAll,
  ),
  'make-anew': command(
    'for a SEALING_KEY that is lost for good: makes anew what the product does not start without',
    { lost: { help: 'the old key is nowhere any more: what it sealed is given up' } },
    z.object({ lost: z.literal(true, 'is needed: what the old key sealed is given up') }),
    async () => unwrap(await makeLostKeysAnew()),
    { anyKey: true },
  ),
};
