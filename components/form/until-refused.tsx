'use client';

import type { ReactNode } from 'react';
import { useFormState } from './form';

/** For a form that cannot be sent again after a refusal: `then` shows what is left to do. */
export const UntilRefused = ({ then, children }: { then: ReactNode; children: ReactNode }) =>
  useFormState().status === 'refused' ? then : children;
