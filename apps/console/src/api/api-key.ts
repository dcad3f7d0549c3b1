const place = 'slipway-api-key';

/** The key that was typed in at sign-in: of this tab alone, and gone with it. */
export const apiKey = {
  read: (): string | undefined => sessionStorage.getItem(place) ?? undefined,
  keep: (key: string): void => sessionStorage.setItem(place, key),
  forget: (): void => sessionStorage.removeItem(place),
};
