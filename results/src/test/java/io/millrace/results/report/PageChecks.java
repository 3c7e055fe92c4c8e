package io.millrace.results.report;

/** Scripts that look for what a reader would stumble over. */
final class PageChecks {
    /** Lists what does not fit: a page wider than the screen, drawings whose words are cut off or overlap. */
    static final String FLAWS = """
        (function () {
          var flaws = [];
          var root = document.documentElement;
          if (root.scrollWidth > root.clientWidth) {
            flaws.push('page is ' + root.scrollWidth + ' px wide on ' + root.clientWidth);
          }
          document.querySelectorAll('main *').forEach(function (element) {
            if (element.closest('.scroll') || element.closest('svg')) { return; }
            var box = element.getBoundingClientRect();
            if (box.width > 0 && box.right > root.clientWidth + 1) {
              flaws.push('beyond the right edge: ' + element.tagName + '.' + element.className);
            }
          });
          document.querySelectorAll('figure > svg').forEach(function (svg) {
            var area = svg.getBoundingClientRect();
            if (!area.width) { return; }
            var name = svg.getAttribute('aria-label').slice(0, 40) + ': ';
            var words = [].map.call(svg.querySelectorAll('text'), function (text) {
              return {text: text.textContent, box: text.getBoundingClientRect()};
            }).filter(function (word) { return word.box.width > 0 && word.text.trim(); });
            words.forEach(function (word, i) {
              var box = word.box;
              if (box.left < area.left - 3 || box.right > area.right + 3 || box.top < area.top - 3
                  || box.bottom > area.bottom + 3) {
                flaws.push(name + 'cut off: ' + word.text);
              }
              words.slice(i + 1).forEach(function (other) {
                var w = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
                var h = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
                if (w > 1.5 && h > 4) { flaws.push(name + 'overlap: ' + word.text + ' | ' + other.text); }
              });
            });
          });
          return flaws;
        })()
        """;

    /** Lists what paper cannot do or has no room for: tables that would scroll, switches, folds, dark ground. */
    static final String PRINT_FLAWS = """
        (function () {
          var flaws = [];
          var edge = document.documentElement.clientWidth + 1;
          document.querySelectorAll('main *').forEach(function (element) {
            var box = element.getBoundingClientRect();
            if (!element.closest('svg') && element.checkVisibility() && box.width > 0 && box.right > edge) {
              flaws.push('cut off: ' + element.tagName + ' ' + element.textContent.slice(0, 40));
            }
          });
          document.querySelectorAll('button, input, .tip, #window').forEach(function (element) {
            if (element.getBoundingClientRect().width > 0) { flaws.push('no use on paper: ' + element.outerHTML); }
          });
          document.querySelectorAll('details.files').forEach(function (element) {
            var rows = element.querySelectorAll('li, td');
            if (element.id !== 'events' && rows.length > 0 && !rows[0].checkVisibility()) {
              flaws.push('folded away: ' + element.textContent.slice(0, 40));
            }
          });
          ['html', 'body', 'section', 'table', '.tile', '.command'].forEach(function (name) {
            var element = document.querySelector(name);
            var ground = element ? getComputedStyle(element).backgroundColor : '';
            if (ground && !/^rgba\\(0, 0, 0, 0\\)$|^rgb\\(255, 255, 255\\)$/.test(ground)) {
              flaws.push('ground of ' + name + ' is ' + ground);
            }
          });
          return flaws;
        })()
        """;

    private PageChecks() {
    }
}
