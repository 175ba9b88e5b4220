// Search in a site that is opened from the disk. Browsers start no worker from a file, so what would
// be a worker runs in a hidden frame. The plugin `offline` of the theme looks for a script of this name.
if (location.protocol === 'file:') {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement('iframe');
      frame.hidden = true;
      frame.srcdoc = '<!doctype html>';
      this.frame = new Promise((loaded) => {
        frame.addEventListener('load', () => {
          const inner = frame.contentWindow;
          inner.postMessage = (data) => this.dispatchEvent(new MessageEvent('message', {data}));
          const script = inner.document.createElement('script');
          script.addEventListener('load', () => loaded(inner));
          script.src = url;
          inner.document.head.append(script);
        }, {once: true});
      });
      document.body.append(frame);
    }

    postMessage(data) {
      this.frame.then((inner) => inner.dispatchEvent(new MessageEvent('message', {data})));
    }
  };
}
