extension MergedPage {
    /// The page's style sheet.
    static let style = """
        :root {
          --page: #f6f7f9; --box: #ffffff; --text: #1c2128; --soft: #59636e; --line: #dfe3e8;
          --good: #1a7f4b; --bad: #c5362f; --wait: #a86500; --fail: #b4549a; --blue: #2867c7;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #0e1116; --box: #171b22; --text: #e4e8ee; --soft: #9aa4b0; --line: #2c333d;
            --good: #41b87a; --bad: #f0675f; --wait: #dba13c; --fail: #d583c0; --blue: #6ea6ff;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 24px 16px; }
        header h1 { margin: 0; font-size: 26px; line-height: 1.2; }
        header p { margin: 4px 0 0; color: var(--soft); }
        section { background: var(--box); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px;
          margin-top: 16px; break-inside: avoid; }
        h2 { margin: 0 0 10px; font-size: 17px; }
        h3 { margin: 14px 0 4px; font-size: 14px; }
        p { margin: 8px 0 0; }
        ul { margin: 4px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
        small { display: block; color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
        code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 10px; }
        .card { border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; }
        .card b { display: block; font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .card span { color: var(--soft); font-size: 13px; }
        .card.good b, span.good { color: var(--good); }
        .card.bad b, span.bad { color: var(--bad); font-weight: 600; }
        .card.wait b, span.wait { color: var(--wait); font-weight: 600; }
        .sum { font-variant-numeric: tabular-nums; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--soft); font-size: 13px; margin: 6px 0; }
        .legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
        .chart .top { display: block; text-align: right; font-size: 12px; line-height: 1.3; color: var(--soft); }
        .axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 12px; margin-bottom: 12px; }
        svg { display: block; overflow: visible; }
        .grid { stroke: var(--line); stroke-width: 1; }
        rect.good { fill: var(--good); } rect.bad { fill: var(--bad); } rect.wait { fill: var(--wait); }
        rect.fail { fill: var(--fail); } rect.range { fill: var(--blue); fill-opacity: .35; } circle.dot { fill: var(--blue); }
        i.good { background: var(--good); } i.bad { background: var(--bad); } i.wait { background: var(--wait); }
        i.fail { background: var(--fail); } i.range { background: var(--blue); opacity: .35; }
        i.dot { background: var(--blue); border-radius: 50%; }
        .legend i.whisker { background: var(--soft); width: 2px; }
        .whisker { stroke: var(--soft); stroke-width: 1.5; }
        .labels text { fill: var(--soft); font-size: 12px; }
        .latency { margin-top: 8px; } .latency p { margin: 0; } .latency p span { color: var(--soft); font-size: 13px; }
        .share { margin-top: 6px; min-width: 120px; border-radius: 3px; overflow: hidden; }
        rect.c1, rect.c3 { fill: var(--blue); } rect.c2 { fill: var(--good); } rect.c4 { fill: var(--wait); }
        rect.c5 { fill: var(--bad); }
        .pill { display: inline-block; border: 1px solid var(--line); border-radius: 12px; padding: 1px 9px; margin: 2px 0;
          font-size: 13px; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .pill.c2 { border-color: var(--good); } .pill.c4 { border-color: var(--wait); } .pill.c5 { border-color: var(--bad); }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th { text-align: left; color: var(--soft); font-weight: 600; font-size: 12px; }
        th, td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        tr:last-child td { border-bottom: 0; }
        td:first-child { min-width: 120px; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        footer { color: var(--soft); font-size: 12px; margin-top: 16px; }
        @media (max-width: 600px) {
          main { padding: 16px 10px; }
          section { padding: 14px 12px; }
          .cards { grid-template-columns: 1fr 1fr; }
        }
        @media print {
          :root { --page: #ffffff; --box: #ffffff; --text: #000000; --soft: #444444; --line: #cccccc;
            --good: #1a7f4b; --bad: #c5362f; --wait: #a86500; --fail: #b4549a; --blue: #2867c7; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          main { max-width: none; padding: 0; }
          .scroll { overflow: visible; }
        }
        """
}
