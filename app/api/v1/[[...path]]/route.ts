import { answerTo } from '@/lib/api/door';

export const dynamic = 'force-dynamic';

/** Every method comes to the door, which knows what it answers to. */
export {
  answerTo as DELETE,
  answerTo as GET,
  answerTo as OPTIONS,
  answerTo as PATCH,
  answerTo as POST,
  answerTo as PUT,
};
