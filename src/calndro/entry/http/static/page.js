"use strict";

// Times are first shown in the event's zone; who looks from elsewhere sees its own as well.
(() => {
  const shown = document.documentElement.dataset.guess;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (shown === undefined || !here) {
    return;
  }
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `calndro-zone=${here}; path=/; max-age=31536000; samesite=lax${secure}`;
  if (shown !== here && document.cookie.includes(`calndro-zone=${here}`)) {
    location.reload();
  }
})();
