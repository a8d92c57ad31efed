"""Languages that people speak (not those of the interface: `config/i18n.py`), and levels of Norwegian."""

#: ISO 639-1 or 639-3 code -> what its speakers call it. Shown as it stands, in every interface language.
SPOKEN = {
    "ar": "العربية",
    "am": "አማርኛ",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "prs": "دری",
    "fr": "Français",
    "ckb": "کوردیی ناوەندی",
    "kmr": "Kurmancî",
    "lt": "Lietuvių",
    "my": "မြန်မာ",
    "no": "Norsk",
    "om": "Afaan Oromoo",
    "ps": "پښتو",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "ru": "Русский",
    "rw": "Ikinyarwanda",
    "so": "Soomaali",
    "sw": "Kiswahili",
    "ta": "தமிழ்",
    "th": "ไทย",
    "ti": "ትግርኛ",
    "tl": "Tagalog",
    "tr": "Türkçe",
    "uk": "Українська",
    "ur": "اردو",
    "vi": "Tiếng Việt",
}

#: Level of Norwegian -> the step of the Common European Framework of Reference that it stands for.
NORWEGIAN_LEVELS = {1: "A1", 2: "A2", 3: "B1", 4: "B2", 5: "C1"}
