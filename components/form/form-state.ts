/**
 * A form's answer. `values` is what was typed, returned so that nothing is lost. `sent` has every value of each name, which
 * tells a checkbox whether it was ticked. Secrets are in neither.
 */
export type FormState =
  | { status: 'idle'; values?: Record<string, string> }
  | {
      status: 'refused';
      message: string;
      fields?: Record<string, string>;
      values?: Record<string, string>;
      sent?: Record<string, string[]>;
    }
  | { status: 'done'; message: string; detail?: string[]; values?: Record<string, string> };

export type FormAction = (state: FormState, data: FormData) => Promise<FormState>;

export const idle: FormState = { status: 'idle' };
