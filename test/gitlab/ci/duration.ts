const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** The seconds in a duration as `.gitlab-ci.yml` writes it, such as `1h 30m`, `90 minutes` or `3600`. Throws when it is none. */
export function secondsOf(duration: string | number): number {
  if (typeof duration === 'number') return duration;
  if (/^\d+$/.test(duration)) return Number(duration);
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)];
  if (parts.length === 0) throw new Error(`not a duration: ${duration}`);
  return parts.reduce((sum, [, number = '', unit = '']) => {
    const seconds = secondsPer[unit.slice(0, 1).toLowerCase()];
    if (seconds === undefined) throw new Error(`not a unit of time: ${unit}`);
    return sum + Number(number) * seconds;
  }, 0);
}
