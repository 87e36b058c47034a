// Whether text is large for its screen, by whichever setting it was made large. A media query knows the browser's own font size alone, and
// neither its smallest one nor what a phone's settings or an extension make of the page.

/** A screen of fewer characters' heights across is laid out in one column, with nothing beside anything: 390 pixels at 125 %. */
const FEWEST = 17.5;

/** Marks the page as `big` from now on, for as long as it is. */
export function followTextSize(): void {
  const probe = document.createElement('div');
  probe.className = 'one-rem';
  probe.setAttribute('aria-hidden', 'true');
  document.body.append(probe);
  const judge = () => document.documentElement.classList.toggle('big', innerWidth < FEWEST * parseFloat(getComputedStyle(document.documentElement).fontSize));
  new ResizeObserver(judge).observe(probe);
  addEventListener('resize', judge);
  judge();
}
