// Who is shown where in a room of many: pages of tiles, or one who speaks and a strip of others. Knows no DOM.

export const TILES = 12;

/**
 * `people` in the order in which they came, ourselves last. Returns {shown, large, page, pages}: who is on this page of
 * tiles, and whose tile is large (null: all are alike).
 */
export function arrange(people, { speaker, isSpeakerView, page, strip }) {
  const large = isSpeakerView ? chooseLarge(people, speaker) : null;
  const rest = people.filter((person) => person !== large);
  const size = large ? strip : TILES;
  const ordered = rest.length > size ? seenFirst(rest, size) : rest;
  const pages = Math.max(1, Math.ceil(ordered.length / size));
  const shownPage = Math.min(page, pages - 1);
  const small = ordered.slice(shownPage * size, (shownPage + 1) * size);
  return { shown: large ? [large, ...small] : small, large: large?.id ?? null, page: shownPage, pages };
}

/** Who speaks; while nobody has: somebody with a picture, then anybody, others before ourselves. */
function chooseLarge(people, speaker) {
  return (
    people.find(({ id }) => id === speaker) ??
    people.find(({ mine, isLive }) => !mine && isLive) ??
    people.find(({ mine }) => !mine) ??
    people[0]
  );
}

/** Those with a picture on the first pages, ourselves at the end of the first. */
function seenFirst(people, size) {
  const others = people.filter(({ mine }) => !mine);
  const ordered = [...others.filter(({ isLive }) => isLive), ...others.filter(({ isLive }) => !isLive)];
  ordered.splice(size - 1, 0, ...people.filter(({ mine }) => mine));
  return ordered;
}
