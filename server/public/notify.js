// Web Push, where the hall offers it and the browser can: the phone is told with the page closed.

/** Shows `key` where notices can come to this phone, and asks for them when it is pressed. */
export function offerPush(key, page, say) {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return;
  key.hidden = false;
  key.addEventListener("click", async () => {
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error(page.refused);
      await navigator.serviceWorker.register("/t/worker.js", { scope: "/t/" });
      const { pushManager } = await navigator.serviceWorker.ready;
      const found = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: page.push_key });
      const answer = await fetch(`/api/v1/track/${page.code}/subscribe`, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ channel: "webpush", address: JSON.stringify(found) }),
      });
      if (!answer.ok) throw new Error((await answer.json()).error.message);
      key.disabled = true;
      say(page.notify_kept, "green");
    } catch (error) {
      say(error.message, "red");
    }
  });
}
