/** Its message is fit to be shown to the operator as it is; an empty one has been said already, by another process. */
export class Refusal extends Error {}
