'use client';

import type { ReactNode } from 'react';
import { useFormState } from './form';

/** Within a form that cannot be sent again once it was refused: what is left to do then. */
export const UntilRefused = ({ then, children }: { then: ReactNode; children: ReactNode }) =>
  useFormState().status === 'refused' ? then : children;
