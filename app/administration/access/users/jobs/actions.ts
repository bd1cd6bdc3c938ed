'use server';

import { z } from 'zod';
import { adminAction } from '@/app/form-action';
import { beginImport } from '@/lib/jobs/begin-import';
import { resumeJob } from '@/lib/jobs/resume';
import { stopJob } from '@/lib/jobs/stop';
import { workNow } from '@/lib/jobs/work';
import { idField } from '@/lib/users/fields';
import { jobHref } from './path';
import { BOXES_MOST, GROUPS } from './review-limits';

const listOf = <T extends z.ZodType>(each: T, most: number) =>
  z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(each).max(most)).default([]);

const one = z.object({ jobId: idField });

export const beginImportAction = adminAction(
  one.extend({ verdicts: listOf(z.enum(GROUPS), GROUPS.length), rows: listOf(z.coerce.number().int(), BOXES_MOST) }),
  async (actor, { jobId, verdicts, rows }) => {
    const outcome = await beginImport(actor, jobId, { verdicts, numbers: rows });
    if (outcome.ok) await workNow(jobId);
    return outcome;
  },
  ({ jobId }) => jobHref(jobId),
);

export const stopJobAction = adminAction(one, stopJob, ({ jobId }) => jobHref(jobId));

export const resumeJobAction = adminAction(
  one,
  async (actor, input) => {
    const outcome = await resumeJob(actor, input);
    if (outcome.ok) await workNow(input.jobId);
    return outcome;
  },
  ({ jobId }) => jobHref(jobId),
);
