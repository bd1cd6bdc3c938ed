/** Up to this length each row of a list has its own checkbox. In a longer list the verdicts in GROUPS are chosen as a whole. */
export const SMALL_LIST = 100;
export const GROUPS = ['new', 'already-invited'] as const;
/** The most doubtful rows of a long list that get their own checkbox. */
export const BOXES_MOST = 500;
/** Rows per page of a list or a result. */
export const ROWS_SHOWN = 100;
