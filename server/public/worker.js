// Runs in the background of a phone that asked for notices: shows what the hall pushes, opens the ticket when touched.
self.addEventListener("push", (event) => {
  const { title, text, url } = event.data.json();
  const shown = { body: text, tag: title, renotify: true, vibrate: [400, 150, 400], data: url };
  event.waitUntil(self.registration.showNotification(title, shown));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});
