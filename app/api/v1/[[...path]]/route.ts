import { answerTo } from '@/lib/api/door';

export const dynamic = 'force-dynamic';

/** All methods go to one handler, which decides which it accepts. */
export {
  answerTo as DELETE,
  answerTo as GET,
  answerTo as OPTIONS,
  answerTo as PATCH,
  answerTo as POST,
  answerTo as PUT,
};
