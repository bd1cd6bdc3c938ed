/** Where a session that is not open yet continues. */
export const PROOF_PATHS = {
  challenge: '/sign-in/second-factor',
  connect: '/sign-in/connect',
  enrolment: '/sign-in/second-factor/set-up',
} as const;
