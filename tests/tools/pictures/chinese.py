"""The words of the drawings in Chinese."""

WORDS = {
    # The way of one request
    "The way of one request": "一个请求的路程",
    (
        "A request goes down through the application, the layers that wsgi.py lists and the"
        " router to the view, which asks the models and renders a template; the response goes"
        " up through the same layers in reverse."
    ): (
        "请求依次经过应用、wsgi.py 中列出的各层和路由器，到达视图；视图查询模型、"
        "渲染模板；响应按相反的顺序穿过同样的各层返回。"
    ),
    "WSGI server": "WSGI 服务器",
    "↓ environ · ↑ bytes": "↓ environ · ↑ 字节",
    "↓ Request(environ) · ↑ status, headers, body": "↓ Request(environ) · ↑ 状态、响应头、正文",
    "↓ whose site is asked?": "↓ 请求的是哪个主机？",
    "↑ what browsers may do": "↑ 浏览器可以做什么",
    "↓ from this site?": "↓ 来自本站吗？",
    "↑ commit, or roll back": "↑ 提交，或者回滚",
    "↓ cookie → session · ↑ session → cookie": "↓ cookie → 会话 · ↑ 会话 → cookie",
    "Router": "路由器",
    "↓ method and path → route · ↑ 404, 405": "↓ 方法和路径 → 路由 · ↑ 404、405",
    "view": "视图",
    "model": "模型",
    "template": "模板",
    "request": "请求",
    "response": "响应",
    # MVC and MTV side by side
    "MVC and MTV side by side": "MVC 与 MTV 对照",
    (
        "MVC calls the function that answers a request a controller, the HTML a view and the"
        " data a model. MTV calls the function a view, the HTML a template and the data a"
        " model."
    ): (
        "MVC 把处理请求的函数叫控制器，把 HTML 叫视图，把数据叫模型；MTV 把"
        "函数叫视图，把 HTML 叫模板，把数据叫模型。"
    ),
    "answers the request": "处理请求",
    "the data and its rules": "数据及其规则",
    "what the reader sees": "读者看到的内容",
    "controller": "控制器",
    "Each row is the same code: only the names differ.": "每一行是同样的代码，只是名字不同。",
    # What happens at a save
    "What happens at a save": "保存文件时发生什么",
    (
        "A saved Python file starts a new process, which takes over when it has imported the"
        " project; a template or a static file keeps the process; both reload the page. A"
        " stylesheet is swapped in the open page. The checks run next to the site each time."
    ): (
        "保存 Python 文件会启动一个新进程，它导入项目之后接管请求；保存模板或静态"
        "文件时进程不变；两种情况都会刷新页面。样式表在打开的页面中直接替换。每次保存后检"
        "查都会在网站之外同时运行。"
    ),
    "You save a file": "保存一个文件",
    "A new process": "新的进程",
    "imports the project": "导入项目",
    "It takes over;": "它接管请求",
    "the old one finishes": "旧进程收尾",
    "Same process": "进程不变",
    "nothing is imported": "不重新导入",
    "The page reloads": "页面刷新",
    "The style is": "样式",
    "swapped in place": "就地替换",
    "mtvgen check also runs at each save, next to the site:": "每次保存之后，mtvgen check 也会同时运行：",
    "it reports problems in the terminal and on the page.": "它在终端和页面上报告问题。",
    # Which route wins
    "Which route wins": "哪条路由胜出",
    (
        "Patterns are tried from the most specific to the least: text, text with a parameter,"
        " int and uuid, slug, any segment, any path. The first that fits wins, here"
        " /notes/<int:id> for /notes/7."
    ): (
        "从最具体的到最宽泛的依次匹配：文本、带参数的文本、int 和 uuid、slug"
        "、任意一段、任意路径。第一个匹配的胜出：这里是 /notes/7 对应的 /no"
        "tes/<int:id>。"
    ),
    "text: does not fit": "文本：不匹配",
    "text and a parameter: does not fit": "文本和参数：不匹配",
    "fits, and wins: id=7": "匹配，胜出：id=7",
    "would fit": "也能匹配",
    # A session is a signed cookie
    "A session is a signed cookie": "会话是一个签名的 cookie",
    (
        "The site puts the session's data, the time and a signature into a cookie. The"
        " browser sends it back with each request, and the site checks the signature with its"
        " secret key: a visitor can read the data, and not change it."
    ): (
        "网站把会话数据、时间和签名放进 cookie。浏览器在每次请求中把它送回来，网站"
        "用密钥验证签名：访客可以看到数据，但不能修改。"
    ),
    "browser": "浏览器",
    "your site": "你的网站",
    "the view wrote request.session": "视图写入了 request.session",
    "valid signature: request.session is filled": "签名有效：request.session 有了内容",
    "What is in the cookie": "cookie 里有什么",
    "JSON: readable": "JSON：可以读",
    "times": "时间",
    "begun, last used": "开始、最近使用",
    "signature": "签名",
    "made with SECRET_KEY": "用 SECRET_KEY 生成",
    "A changed, expired or forged cookie is an empty session.": "被改过、过期或伪造的 cookie 等于空会话。",
    # Development and production
    "Development and production": "开发和生产",
    (
        "During development the browser talks to mtvgen runserver, which runs wsgi.py and"
        " uses an SQLite file. In production it talks to a proxy, which serves static files"
        " and hands requests to several worker processes; each runs the same wsgi.py, and all"
        " use one PostgreSQL."
    ): (
        "开发时浏览器访问 mtvgen runserver，它运行 wsgi.py，使用"
        "一个 SQLite 文件。生产环境中浏览器访问代理，代理提供静态文件，并把请求交"
        "给几个工作进程；每个进程运行同一个 wsgi.py，共用一个 PostgreSQ"
        "L。"
    ),
    "On your machine": "在你的电脑上",
    "In production": "在生产环境中",
    "browsers": "浏览器",
    "TLS, limits, static files": "TLS、限流、静态文件",
    "a worker": "工作进程",
    "one database for all workers": "所有进程共用一个数据库",
    # What mtvgen check ties together
    "What mtvgen check ties together": "mtvgen check 把什么连在一起",
    (
        "Between urls.py and views: parameters and methods. Between views and templates:"
        " names and template files. Between templates and urls.py: links and forms. Between"
        " views or templates and models: columns. Between models and migrations: tables."
    ): (
        "urls.py 和视图之间：参数和方法。视图和模板之间：变量名和模板文件。模板和"
        " urls.py 之间：链接和表单。视图或模板和模型之间：列。模型和迁移之间：表"
        "。"
    ),
    "addresses": "地址",
    "functions": "函数",
    "tables": "表",
    "parameters,": "参数、",
    "methods": "方法",
    "links,": "链接、",
    "forms": "表单",
    "names": "变量名",
    "template files": "模板文件",
    "columns,": "列、",
    "arguments": "参数",
    "attributes": "属性",
    "columns, types": "列、类型",
    "files": "文件",
}
