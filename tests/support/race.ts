/**
 * Runs the deeds at the same moment, each in a transaction on a connection of its own. A rule that only holds one after
 * the other loses here, so a race runs several times over.
 */
export async function race<T>(deeds: (() => Promise<T>)[]): Promise<T[]> {
  let open = () => {};
  const barrier = new Promise<void>((resolve) => {
    open = resolve;
  });
  const running = deeds.map((deed) => barrier.then(deed));
  open();
  return Promise.all(running);
}
