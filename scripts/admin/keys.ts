import { z } from 'zod';
import { resealAll } from '@/lib/reseal';
import { type Command, command } from './command';

export const keyCommands: Record<string, Command> = {
  reseal: command(
    'seals by SEALING_KEY what is still sealed by one of SEALING_KEY_PREVIOUS, and counts it',
    {},
    z.object({}),
    resealAll,
  ),
};
