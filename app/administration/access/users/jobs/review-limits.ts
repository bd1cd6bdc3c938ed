/** In a list of up to a page each row has a box of its own; of a longer one these verdicts are chosen as a whole. */
export const SMALL_LIST = 100;
export const GROUPS = ['new', 'already-invited'] as const;
/** As many doubtful rows of a long list as somebody may look at one by one. */
export const BOXES_MOST = 500;
/** Rows on one page of a list or a result. */
export const ROWS_SHOWN = 100;
