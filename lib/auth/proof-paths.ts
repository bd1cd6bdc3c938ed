/** Where a session that is not open yet goes on. */
export const PROOF_PATHS = {
  challenge: '/sign-in/second-factor',
  connect: '/sign-in/connect',
  enrolment: '/sign-in/second-factor/set-up',
} as const;
