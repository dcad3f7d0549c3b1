import { type ComponentType, createElement, lazy, Suspense, useState } from 'react';

/** A panel that is a file of its own to the browser, read when it is opened for the first time. */
export function lazyPanel<P extends { readonly isOpen: boolean }>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  const Panel = lazy(async () => ({ default: await load() }));
  return function LazyPanel(props: P) {
    // Once it was open it stays, so that it is seen to close.
    const [wasOpened, setOpened] = useState(props.isOpen);
    if (props.isOpen && !wasOpened) setOpened(true);
    return wasOpened ? <Suspense fallback={null}>{createElement(Panel, props)}</Suspense> : null;
  };
}
