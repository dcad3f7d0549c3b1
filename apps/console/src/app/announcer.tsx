import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

type Announce = (text: string) => void;
const Context = createContext<Announce>(() => {});

/** Says a change to those who do not see it: one polite live region for the whole page. */
export function useAnnounce(): Announce {
  return useContext(Context);
}

/** Has screen readers say what happens; `useAnnounce` below it says something. */
export function Announcer({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', turn: 0 });
  const announce = useCallback((text: string) => setSaid(({ turn }) => ({ text, turn: turn + 1 })), []);
  return (
    <Context value={announce}>
      {children}
      <div role="status" aria-live="polite" className="visually-hidden">
        {/* A new element, so that the same words are said again. */}
        <span key={said.turn}>{said.text}</span>
      </div>
    </Context>
  );
}
