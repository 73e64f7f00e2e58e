// The table of contents: the links work by themselves; with a script it sticks, says where one is, and is folded on a phone.
export function contents(nav) {
  const fold = nav.querySelector('details'), here = nav.querySelector('summary b');
  const links = [...nav.querySelectorAll('a')];
  const places = links.map((a) => document.getElementById(a.hash.slice(1)));
  const narrow = matchMedia('(max-width: 1180px)');
  const paper = matchMedia('print');
  nav.classList.add('alive');

  const set = () => { fold.open = paper.matches || !narrow.matches; };
  narrow.addEventListener('change', set);
  paper.addEventListener('change', set);
  set();

  let now = -1, waiting = 0;
  const mark = () => {
    waiting = 0;
    // the filters, where there are any, stand below the contents
    const below = document.querySelector('.slices') || nav;
    const line = Math.max(nav.getBoundingClientRect().bottom, below.getBoundingClientRect().bottom) + 60;
    // at the very end the last one is read, however short it is
    const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    let at = end ? places.length - 1 : 0;
    if (!end) places.forEach((place, i) => { if (place.getBoundingClientRect().top <= line) at = i; });
    if (at === now) return;
    now = at;
    links.forEach((a, i) => { if (i === at) a.setAttribute('aria-current', 'true'); else a.removeAttribute('aria-current'); });
    here.textContent = links[at].textContent;
  };
  const look = () => { waiting ||= requestAnimationFrame(mark); };
  addEventListener('scroll', look, { passive: true });
  addEventListener('resize', look);
  mark();

  nav.addEventListener('click', (event) => { if (event.target.closest('a') && narrow.matches) fold.open = false; });
  nav.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !narrow.matches || !fold.open) return;
    fold.open = false;
    fold.querySelector('summary').focus();
  });
  document.addEventListener('click', (event) => { if (narrow.matches && !nav.contains(event.target)) fold.open = false; });
}
